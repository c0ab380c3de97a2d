import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Env } from '../env.ts';
import { whyNoKeys } from '../platform/sealed.ts';
import type { ThreadParts } from './parts.ts';
import { deltaFrames, entriesFrames, snapshotFrames } from './frames.ts';
import { send, sendTexts } from './sockets.ts';
import type { ThreadStore } from './storage/thread-store.ts';

const ENTRIES_PAGE = 200;

/**
 * Brings a page up to date that has said hello: what it missed since its cursor, or everything, then
 * what stands in no log. From then on it gets what is broadcast.
 */
export function welcome(
  socket: WebSocket,
  cursor: number | null,
  { store, responder, scheduler, sockets, notifier }: ThreadParts,
  { OFFLINE_MODEL: offlineModel, GITHUB_URL: gitHost, ENCRYPTION_KEYS: keys }: Env,
): void {
  const noSecrets = whyNoKeys(keys);
  const installation = {
    person: store.email,
    offlineModel: offlineModel ?? null,
    noSecrets,
    gitHost,
  };
  send(socket, { type: 'welcome', version: PROTOCOL_VERSION, installation });
  const head = store.head();
  // The log of a conversation that was rebuilt begins later than what older pages have seen.
  if (cursor === null || cursor > head || cursor < store.tail() - 1) {
    sendTexts(socket, snapshotFrames(store.snapshot()));
  } else {
    sendEntries(socket, store, cursor, head);
  }
  const { speaking } = responder;
  if (speaking !== null && speaking.text !== '') {
    sendTexts(socket, deltaFrames(speaking.replyId, speaking.text));
  }
  for (const { id: taskId, note, usage, changes } of store.tasks(true, ENTRIES_PAGE)) {
    send(socket, { type: 'progress', taskId, note, usage, changes });
  }
  send(socket, { type: 'repositories', repositories: store.repositories.list });
  send(socket, { type: 'spending', ...scheduler.today() });
  send(socket, notifier.frame());
  sockets.markReady(socket);
}

function sendEntries(socket: WebSocket, store: ThreadStore, cursor: number, upTo: number): void {
  for (let from = cursor; from < upTo;) {
    const entries = store.entries(from, ENTRIES_PAGE);
    if (entries === null) {
      sendTexts(socket, snapshotFrames(store.snapshot()));
      return;
    }
    sendTexts(socket, entriesFrames(entries, upTo));
    from = entries.at(-1)?.seq ?? upTo;
  }
}
