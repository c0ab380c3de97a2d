import { type ParentProps, createContext, useContext } from 'solid-js';
import { createStore, produce, unwrap } from 'solid-js/store';
import { newId } from '../net/new-id.ts';
import type { Attachment } from '../../protocol/attachment.ts';
import type { Down } from '../../protocol/down.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { Command } from '../../protocol/up.ts';
import { deviceId } from '../net/device.ts';
import { keptState } from '../net/kept-state.ts';
import { left } from '../net/left.ts';
import { outbox } from '../net/outbox.ts';
import { keepShell, loadNewest } from '../net/shell-update.ts';
import { ThreadSocket } from '../net/socket.ts';
import { forgetPerson, showKept, toKeep } from './kept.ts';
import { type Paging, createPaging } from './paging.ts';
import { reduce } from './reducer.ts';
import { type NewCommand, type State, emptyState } from './state.ts';
import type { Files } from './files.ts';
import { createHolding } from './undo.ts';
import { attachedTo, laneOf, wordsIn } from './waiting.ts';

/** What somebody wrote and attached, and was not sent. */
export type Unsent = { text: string; attachments: readonly Attachment[] };

export type Mainloop = Paging & {
  state: State;
  /** Stores the command and sends it as soon as there is a connection. @returns its id. */
  act(command: NewCommand): string;
  /** The same for what is asked of a task. */
  ask(taskId: string, command: TaskCommand): void;
  /** The same for what cannot be undone once it is done: it waits for some seconds, and can be taken back. */
  hold(command: NewCommand, words: string): void;
  undo(id: string): void;
  /** What happened while nobody looked was seen. */
  seen(): void;
  /** Files on their way; fetched when there are any. */
  files(): Promise<Files>;
  /** Takes a refusal away; gives back what was not sent. */
  takeRefusal(index: number): Unsent;
  /** Loads the newest page there is. */
  reload(): void;
};

/** What is shown is kept this long after it has changed, and at once when the page goes out of sight. */
const KEEP_AFTER_MS = 1_000;
/** The hello waits this long for what was kept: a database that does not open must not keep the line down. */
const KEPT_WITHIN_MS = 1_000;

const Context = createContext<Mainloop>();

function createMainloop(): Mainloop {
  const [state, setState] = createStore<State>(emptyState());
  const change = (how: (draft: State) => void) => setState(produce(how));
  const sent = new Set<string>();

  let keepTimer: ReturnType<typeof setTimeout> | undefined;
  const keepNow = () => {
    clearTimeout(keepTimer);
    keepTimer = undefined;
    if (state.shown !== 'live') return;
    const kept = toKeep(
      unwrap(state),
      state.connection === 'Online' ? Date.now() : (state.asOf ?? 0),
    );
    // Nowhere to keep it (a private window, a full disk): the next page begins with the network.
    if (kept !== null) void keptState.write(kept).catch(() => {});
  };
  const keepSoon = () => {
    keepTimer ??= setTimeout(keepNow, KEEP_AFTER_MS);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return;
    keepNow();
    if (state.outdated) void loadNewest();
  });

  const keeping = new Map<string, Promise<void>>();
  /** Takes a command off the disk, not before it has got there. */
  const forget = async (id: string) => {
    await keeping.get(id);
    keeping.delete(id);
    await outbox.remove(id).catch(() => {});
  };
  /** Sends what waits, once it is known who is signed in: nobody sends what another has written. */
  const sendPending = () => {
    if (state.connection !== 'Online' || !greeted) return;
    // Words wait for what is attached to them, and those that follow them for these.
    const held = new Set<string>();
    for (const { command } of state.pending) {
      if (sent.has(command.id)) continue;
      const lane = laneOf(command);
      if (lane !== null && (held.has(lane) || !isUploaded(command))) held.add(lane);
      else if (socket.send(unwrap(command))) sent.add(command.id);
    }
  };
  let opened: Files | null = null;
  let opening: Promise<Files> | null = null;
  const files = () => {
    const person = () => state.installation?.person ?? null;
    opening ??= import('./files.ts')
      .then(({ openFiles }) => openFiles({ person, onSettled: sendPending }))
      .then((found) => (opened = found))
      .catch((error: unknown) => {
        // Not here, and no way to fetch it: asked for again.
        opening = null;
        throw error;
      });
    return opening;
  };
  const isUploaded = (command: Command): boolean => {
    const ids = attachedTo(command).map(({ id }) => id);
    if (ids.length === 0) return true;
    if (opened === null) files().then(sendPending, () => {});
    return opened?.areStored(ids) ?? false;
  };
  /** Of what waits on this device, what is this person's; the others' stays until they are back. */
  const takeFromOutbox = async () => {
    // No storage here (a private window, say): what is sent lives as long as the page.
    const kept = await outbox.all().catch(() => []);
    const rows = left.read();
    await Promise.allSettled(rows.map((one) => outbox.put(one)));
    left.clear();
    const byId = new Map([...kept, ...rows, ...state.pending].map((one) => [one.command.id, one]));
    const all = [...byId.values()];
    const person = state.installation?.person;
    setState(
      'pending',
      all.filter((one) => one.person === null || one.person === person),
    );
    sendPending();
  };

  let greeted = false;
  /** Whether this page can be seen: its device is not told of what it shows. */
  const sayScreen = () => {
    const isVisible = document.visibilityState === 'visible';
    if (greeted) socket.send({ type: 'screen', deviceId: deviceId(), isVisible });
  };
  document.addEventListener('visibilitychange', sayScreen);
  const keptShown = keptState
    .read()
    .then((kept) => {
      if (kept !== null) change((draft) => showKept(draft, kept));
    })
    .then(takeFromOutbox)
    .catch(() => {});

  const onFrame = (frame: Down) => {
    if (frame.type === 'welcome') {
      const known = state.installation?.person;
      if (known !== undefined && known !== frame.installation.person) {
        // Somebody else has signed in on this device: nothing of the other is shown, or counted from.
        change(forgetPerson);
        void keptState.clear().catch(() => {});
        change((draft) => reduce(draft, frame));
        socket.again();
        return;
      }
    }
    if (frame.type === 'ack') {
      const done = state.pending.find(({ command }) => command.id === frame.id);
      const ids = done === undefined ? [] : attachedTo(done.command).map(({ id }) => id);
      if (ids.length > 0)
        files().then(
          (held) => held.forget(ids),
          () => {},
        );
    }
    change((draft) => reduce(draft, frame));
    if (frame.type === 'welcome') {
      greeted = true;
      opened?.resume();
      setState('signedOut', false);
      // What was on its way when the last connection broke may have been lost: the ids make it harmless.
      sent.clear();
      sayScreen();
      void takeFromOutbox();
    }
    if (frame.type === 'ack' || (frame.type === 'refused' && frame.id !== null)) {
      void forget(frame.id ?? '');
    }
    keepSoon();
  };
  const socket = new ThreadSocket(location.origin.replace('http', 'ws') + '/api/socket', {
    cursor: async () => {
      // A new line: until its welcome nobody knows who is signed in.
      greeted = false;
      await Promise.race([
        keptShown,
        new Promise((resolve) => setTimeout(resolve, KEPT_WITHIN_MS)),
      ]);
      return state.cursor;
    },
    onState: (connection) => {
      if (connection !== 'Online' && state.connection === 'Online') setState('asOf', Date.now());
      setState('connection', connection);
      // The same line, which was only thought dead: what was written meanwhile waits for no welcome.
      if (connection === 'Online') sendPending();
    },
    onFrame,
    onSignedOut: () => setState('signedOut', true),
    onOutdated: () => void loadNewest(),
  });
  keepShell(() => {
    setState('outdated', true);
    if (document.visibilityState === 'hidden') void loadNewest();
  });

  const act = (given: NewCommand) => {
    const at = Date.now();
    const person = state.installation?.person ?? null;
    const pending = { command: { ...given, id: newId(at) } as Command, at, person };
    setState('pending', (before) => [...before, pending]);
    // Both at once: a page that dies in between has either sent it or kept it, and its id makes
    // sending it again harmless.
    keeping.set(
      pending.command.id,
      outbox.put(pending).catch(() => {}),
    );
    sendPending();
    return pending.command.id;
  };

  const holding = createHolding({
    held: () => state.held,
    setHeld: (held) => setState('held', held),
    act,
  });
  // After it: what was held back is among what waits by then.
  addEventListener('pagehide', () => left.write(unwrap(state.pending)));

  return {
    state,
    act,
    ...holding,
    seen: () => setState('away', null),
    files,
    ask: (taskId, command) => void act({ type: 'task', taskId, command }),
    takeRefusal: (index) => {
      const command = state.refusals[index]?.command;
      setState('refusals', (before) => before.toSpliced(index, 1));
      return command === undefined || command === null
        ? { text: '', attachments: [] }
        : { text: wordsIn(command), attachments: attachedTo(command) };
    },
    reload: () => void loadNewest(),
    ...createPaging(() => state, change),
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
