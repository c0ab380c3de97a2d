import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { KeptState } from '../net/kept-state.ts';
import { reduce } from './reducer.ts';
import { type State, emptyState } from './state.ts';

/** Messages that are kept: more than a screen, and as many as a snapshot has. */
const MESSAGES = 50;

/** What of the state is kept for the next time; null while there is nothing worth it. */
export function toKeep(state: State, at: number): KeptState | null {
  const { installation, cursor, messages, hasOlder, tasks, inbox, settings, queue } = state;
  if (installation === null || cursor === null) return null;
  return {
    version: PROTOCOL_VERSION,
    at,
    installation,
    snapshot: {
      seq: cursor,
      messages: messages.slice(-MESSAGES),
      hasOlder: hasOlder || messages.length > MESSAGES,
      tasks: Object.values(tasks),
      inbox: Object.values(inbox),
      settings,
      queue,
    },
    repositories: state.repositories,
    spending: state.spending,
  };
}

/** Shows what was kept, unless the server has spoken meanwhile. */
export function showKept(state: State, kept: KeptState): void {
  if (state.shown !== 'nothing') return;
  // As the server's own, but for its age.
  reduce(state, { type: 'snapshot', snapshot: kept.snapshot });
  state.installation = kept.installation;
  state.repositories = kept.repositories;
  state.spending = kept.spending;
  state.asOf = kept.at;
  state.shown = 'kept';
}

/** Forgets all that another person was shown. What they still have to send stays in the outbox. */
export function forgetPerson(state: State): void {
  Object.assign(state, { ...emptyState(), connection: state.connection });
}
