import * as z from 'zod/mini';
import type { MainloopMessage } from '../../protocol/message.ts';
import type { RebuildAnswer } from '../../protocol/rebuild.ts';
import type { Person } from '../auth/access.ts';
import type { OpenHistory } from '../history/connect.ts';
import type { HistoryReader, KeptRow } from '../history/read.ts';
import { orElse } from '../platform/stored-values.ts';
import { StoredSpec } from '../tasks/storage/rows.ts';
import { StoredInboxItem, StoredTaskSummary } from '../tasks/storage/shapes.ts';
import type { ThreadParts } from './parts.ts';
import { StoredMessage, StoredQueue, StoredSettings, StoredThreadSummary } from './storage/rows.ts';

/**
 * The log goes on so far behind the newest number that Postgres knows: no page has seen a number that
 * is given again, and each gets everything anew.
 */
const LOG_GAP = 1_000_000;

const NO_POSTGRES = 'No Postgres is configured: there is nothing to rebuild from.';
const NOTHING = 'Postgres has nothing of this conversation.';
const MISSING =
  'What had not reached Postgres before it was lost is missing, and the tool calls of replies are not kept there: a reply that was being written is shown as cut.';

const StoredThreadTask = z.object({
  task: StoredTaskSummary,
  report: z.int(),
  spec: orElse(z.nullable(StoredSpec), null),
});
const StoredThread = z.object({ summary: z.nullable(StoredThreadSummary), queue: StoredQueue });

/**
 * Rebuilds an empty conversation from what Postgres has of this person. Until it is whole nothing
 * else reads or changes it (`closed`); a rebuild that is cut short is done once more from its
 * beginning, which changes nothing of what is there already.
 *
 * @param wakeLater called before anything is written: whatever ends this life, a next one goes on.
 * @param imported the import whose rows are all in Postgres now; null where nothing was imported.
 * @throws when Postgres does not answer.
 */
export async function rebuildThread(
  parts: ThreadParts,
  {
    open,
    wakeLater,
    imported,
  }: { open: OpenHistory | null; wakeLater: () => Promise<void>; imported: string | null },
  person: Pick<Person, 'id' | 'email'>,
  now: number,
): Promise<RebuildAnswer> {
  const { store } = parts;
  if (open === null) return { is: 'refused', text: NO_POSTGRES };
  const begun = store.rebuilding || (imported !== null && store.importing?.id === imported);
  const holds = store.holdsThread && !begun ? notEmpty(parts) : null;
  if (holds !== null) return { is: 'refused', text: holds };
  const connection = open();
  try {
    const reader = connection.read(person.id);
    const epoch = await reader.conversationEpoch();
    if (epoch === null) return { is: 'nothing', text: NOTHING };
    if (store.open().is === 'closed') return { is: 'refused', text: store.closed ?? NOTHING };
    await wakeLater();
    store.beginRebuilding(person);
    store.open();
    const messages = await readMessages(parts, reader);
    const items = await readItems(parts, reader);
    const tasks = await readTasks(parts, reader);
    const one = { settings: await reader.row('settings'), thread: await reader.row('threads') };
    const spending = await reader.spending();
    parts.changeLog.change(() => {
      parts.history.beginAfter(epoch);
      store.personId = person.id;
      store.email = person.email;
      begin(parts, one, now);
      const thread = StoredThread.safeParse(one.thread);
      if (thread.success) store.summary = thread.data.summary;
      const queue = thread.success ? thread.data.queue : [];
      parts.scheduler.restore({ queue, spending });
      takeUp(parts, now);
      store.endRebuilding();
      if (store.importing !== null) store.importing = { ...store.importing, now: 'done' };
    });
    store.open();
    const found = `${count(messages, 'message')}, ${count(tasks, 'task')} and ${count(items, 'inbox item')}`;
    const text =
      imported === null
        ? `Rebuilt from Postgres: ${found}. ${newest(parts)} ${MISSING}`
        : `Imported: ${found}. ${newest(parts)}`;
    return { is: 'rebuilt', text };
  } finally {
    await connection.close().catch(() => {});
  }
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

/** Why it is not empty, in words; null when it is. A sign-in alone leaves nothing. */
export function notEmpty({ store }: ThreadParts): string | null {
  if (store.closed !== null) return store.closed;
  const { messages, tasks, inbox } = store.counts();
  if (messages + tasks + inbox === 0 && store.head() === 0) return null;
  return `This conversation is not empty (${count(messages, 'message')}, ${count(tasks, 'task')}, ${count(inbox, 'inbox item')}): nothing was changed.`;
}

function newest({ store }: ThreadParts): string {
  const { messages } = store.messagesBefore(Number.MAX_SAFE_INTEGER, 1);
  const [last] = messages;
  return last === undefined
    ? 'It had no message.'
    : `Its newest message is from ${new Date(last.at).toISOString()}.`;
}

async function readMessages(
  { store, attachments }: ThreadParts,
  reader: HistoryReader,
): Promise<number> {
  let read = 0;
  for await (const page of reader.rows('messages')) {
    const messages = readable(store, 'messages', StoredMessage, page);
    store.transaction(() => {
      for (const message of messages) {
        store.putMessage(message);
        if (message.from === 'person') attachments.restore(message.attachments ?? []);
      }
    });
    read += messages.length;
  }
  return read;
}

async function readItems({ store }: ThreadParts, reader: HistoryReader): Promise<number> {
  let read = 0;
  for await (const page of reader.rows('inbox_items')) {
    const items = readable(store, 'inbox', StoredInboxItem, page);
    store.transaction(() => items.forEach((item) => store.putInbox(item)));
    read += items.length;
  }
  return read;
}

async function readTasks(
  { store, scheduler }: ThreadParts,
  reader: HistoryReader,
): Promise<number> {
  let read = 0;
  for await (const page of reader.rows('thread_tasks')) {
    const kept = readable(store, 'tasks', StoredThreadTask, page);
    store.transaction(() => {
      for (const { task, report, spec } of kept) {
        store.rewriteTask(task, report);
        scheduler.restoreTask(task, spec);
      }
    });
    read += kept.length;
  }
  return read;
}

/** Those of the rows that this version can read; the others are named among what was set aside. */
function readable<T>(
  { setAside }: ThreadParts['store'],
  table: string,
  schema: z.ZodMiniType<T>,
  page: KeptRow[],
): T[] {
  return page.flatMap(({ key, body }) => setAside.read(schema, { table, key }, body) ?? []);
}

/** The first entry of the new log: what the person has set. */
function begin(
  { store, changeLog }: ThreadParts,
  { settings }: { settings: unknown },
  now: number,
) {
  const kept =
    settings === null
      ? null
      : store.setAside.read(StoredSettings, { table: 'kv', key: 'settings' }, settings);
  const [last] = store.messagesBefore(Number.MAX_SAFE_INTEGER, 1).messages;
  changeLog.beginAt((last?.seq ?? 0) + LOG_GAP, kept ?? store.settings, now);
}

/** A reply that was being written is cut; what the person said and nobody answered is owed a reply. */
function takeUp({ store, changeLog, turns }: ThreadParts, now: number): void {
  const ids = store.saidAfter(store.lastReplySeq());
  if (ids.length > 0) turns.add({ is: 'message', ids });
  for (const reply of store.streaming()) {
    const cut: MainloopMessage = { ...reply, state: { is: 'cut', why: 'restarted' } };
    changeLog.updateMessage(cut, now);
  }
}
