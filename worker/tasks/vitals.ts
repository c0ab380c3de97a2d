import type { TaskVitals } from './api.ts';
import { hasSandbox } from './lifecycle/state.ts';
import type { TaskParts } from './parts.ts';
import type { SandboxPort } from '../sandbox/port.ts';

/** How the task's parts are; asks the host of sandboxes whether its own lives, and starts nothing. */
export async function taskVitals(
  { store, history, aggregate }: TaskParts,
  sandboxes: Pick<SandboxPort, 'alive'>,
): Promise<TaskVitals> {
  const [oldest] = store.outbox
    .all()
    .filter(({ tries }) => tries > 0)
    .toSorted((one, other) => one.since - other.since);
  return {
    history: { rows: history.pending(), behindSince: history.behindSince() },
    effect:
      oldest === undefined
        ? null
        : { what: oldest.effect.do, since: oldest.since, tries: oldest.tries },
    ended: store.effectEnded,
    setAside: store.setAside.count(),
    sandbox: await sandbox(),
    pushedAt: store.pushedAt,
  };

  async function sandbox(): Promise<TaskVitals['sandbox']> {
    const { state, generation } = store.record;
    if (!hasSandbox(state)) return 'none';
    const run = { taskId: aggregate.spec().taskId, generation };
    const lives = await sandboxes.alive(run).catch(() => false);
    return lives ? 'there' : 'missing';
  }
}
