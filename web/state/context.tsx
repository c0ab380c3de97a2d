import { type ParentProps, createContext, useContext } from 'solid-js';
import { createStore, produce, unwrap } from 'solid-js/store';
import { ulid } from 'ulid';
import { MessagesPage } from '../../protocol/pages.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { Command } from '../../protocol/up.ts';
import { outbox } from '../net/outbox.ts';
import { ThreadSocket } from '../net/socket.ts';
import { addOlder, reduce } from './reducer.ts';
import { type State, emptyState } from './state.ts';

type WithoutId<T> = T extends { id: string } ? Omit<T, 'id'> : never;
/** A command as the pages give it; its id is made here. */
export type NewCommand = WithoutId<Command>;

export type Mainloop = {
  state: State;
  /** Stores the command and sends it as soon as there is a connection. */
  act(command: NewCommand): void;
  /** The same for what is asked of a task. */
  ask(taskId: string, command: TaskCommand): void;
  /** Takes a refusal away; gives back the text that was not sent. */
  takeRefusal(index: number): string;
  loadOlder(): Promise<void>;
};

const RELOAD_AGAIN_MS = 60_000;

const Context = createContext<Mainloop>();

/** Another version is served: loading anew brings it, unless it did not a moment ago. */
function reloadOnce(): void {
  const last = Number(sessionStorage.getItem('reloaded') ?? 0);
  if (Date.now() - last < RELOAD_AGAIN_MS) return;
  sessionStorage.setItem('reloaded', String(Date.now()));
  location.reload();
}

function createMainloop(): Mainloop {
  const [state, setState] = createStore<State>(emptyState());
  const sent = new Set<string>();
  let loadingOlder: Promise<void> | null = null;

  const keeping = new Map<string, Promise<void>>();
  /** Takes a command off the disk, not before it has got there. */
  const forget = async (id: string) => {
    await keeping.get(id);
    keeping.delete(id);
    await outbox.remove(id).catch(() => {});
  };
  const sendPending = () => {
    for (const { command } of state.pending) {
      if (!sent.has(command.id) && socket.send(unwrap(command))) sent.add(command.id);
    }
  };
  const socket = new ThreadSocket(location.origin.replace('http', 'ws') + '/api/socket', {
    cursor: () => state.cursor,
    onState: (connection) => setState('connection', connection),
    onReady: () => {
      setState('signedOut', false);
      // What was on its way when the last connection broke may have been lost: the ids make it harmless.
      sent.clear();
      sendPending();
    },
    onFrame: (frame) => {
      setState(produce((draft) => reduce(draft, frame)));
      if (frame.type === 'ack' || (frame.type === 'refused' && frame.id !== null)) {
        void forget(frame.id ?? '');
      }
    },
    onSignedOut: () => setState('signedOut', true),
    onOutdated: reloadOnce,
  });

  void outbox
    .all()
    .then((kept) => {
      const known = new Set(state.pending.map((one) => one.command.id));
      setState('pending', [...kept.filter((one) => !known.has(one.command.id)), ...state.pending]);
      sendPending();
    })
    .catch(() => {
      // No storage here (a private window, say): what is sent lives as long as the page.
    });

  const act = (given: NewCommand) => {
    const at = Date.now();
    const pending = { command: { ...given, id: ulid(at) } as Command, at };
    setState('pending', (before) => [...before, pending]);
    // Both at once: a page that dies in between has either sent it or kept it, and its id makes
    // sending it again harmless.
    keeping.set(
      pending.command.id,
      outbox.put(pending).catch(() => {}),
    );
    sendPending();
  };

  return {
    state,
    act,
    ask: (taskId, command) => act({ type: 'task', taskId, command }),
    takeRefusal: (index) => {
      const command = state.refusals[index]?.command;
      setState('refusals', (before) => before.toSpliced(index, 1));
      return command?.type === 'send' ? command.text : '';
    },
    loadOlder: () => {
      loadingOlder ??= (async () => {
        const before = state.messages[0]?.seq;
        if (before === undefined || !state.hasOlder) return;
        const answer = await fetch(`/api/messages?before=${before}&limit=50`);
        if (!answer.ok) return;
        const page = MessagesPage.parse(await answer.json());
        setState(produce((draft) => addOlder(draft, page)));
      })()
        .catch(() => {
          // Away: scrolling up asks again.
        })
        .finally(() => {
          loadingOlder = null;
        });
      return loadingOlder;
    },
  };
}

export function MainloopProvider(props: ParentProps) {
  return <Context.Provider value={createMainloop()}>{props.children}</Context.Provider>;
}

export function useMainloop(): Mainloop {
  const mainloop = useContext(Context);
  if (mainloop === undefined) throw new Error('useMainloop stands outside MainloopProvider.');
  return mainloop;
}
