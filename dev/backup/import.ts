import { openAsBlob } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type BackupHeader,
  type BackupRow,
  IMPORT_TASKS_MAX,
  ImportAnswer,
  type ImportRequest,
} from '../../protocol/backup.ts';
import { askMainloop } from '../ask-mainloop.ts';
import { type Answered, askFor } from './ask.ts';
import { Damaged, readBackup } from './file-reader.ts';
import { heldIn } from './words.ts';

/** Of one request, which the Worker holds whole. */
const PAGE_ROWS = 500;
const PAGE_MAX_CHARS = 2_000_000;

/** Steps in a row of which nothing came, before the import is given up for now. */
const FAILURES_MAX = 5;

const ask = <Is extends ImportAnswer['is']>(url: string, request: ImportRequest, wanted: Is) =>
  askFor({ url, path: '/api/import', schema: ImportAnswer }, request, wanted);

/** Looks at the whole file before anything is sent of it. */
async function check(file: string) {
  let header: BackupHeader | null = null;
  const taskIds: string[] = [];
  let held = { counts: {}, checkpoints: 0, attachments: 0 };
  for await (const record of readBackup(file, (read) => (header = read))) {
    if (record.is === 'end') held = record;
    if (record.is !== 'row' || record.taskId === undefined) continue;
    if (record.table === 'task_states') taskIds.push(record.taskId);
  }
  return { header: headerOf(header), taskIds, held };
}

function headerOf(header: BackupHeader | null): BackupHeader {
  if (header === null) throw new Damaged('This is no export of Mainloop: it is empty.');
  return header;
}

/** Brings what a file holds into an empty installation. @returns what to print. */
export async function importFrom(url: string, file: string): Promise<string> {
  const { header, taskIds, held } = await check(file);
  const { id } = header;
  const { from } = await ask(url, { do: 'begin', id }, 'begun');
  if (from === 'done') return 'This file was imported here before: nothing was changed.';
  if (from === 'rows') await sendRows(url, file, id);
  const not = await makeTasks(url, id, taskIds);
  const { text } = await ask(url, { do: 'conversation', id }, 'done');
  return [
    text,
    `The file held ${heldIn(held)}, written by Mainloop ${header.version}.`,
    ...not.map((one) => `Task ${one.taskId} could not be made: ${one.text}`),
    'docs/backup.md says what an export does not hold.',
  ].join('\n');
}

/** @returns why some could not be made. @throws when Postgres does not answer again and again. */
async function makeTasks(url: string, id: string, taskIds: readonly string[]) {
  const not: Answered<ImportAnswer, 'tasks'>['not'] = [];
  let left = [...taskIds];
  let failures = 0;
  while (left.length > 0) {
    const some = left.slice(0, IMPORT_TASKS_MAX);
    const answer = await ask(url, { do: 'tasks', id, taskIds: some }, 'tasks');
    not.push(...answer.not);
    left = [...left.slice(some.length), ...answer.again];
    failures = answer.again.length === some.length ? failures + 1 : 0;
    if (failures === FAILURES_MAX) {
      throw new Error(
        `Postgres does not answer; ${left.length} tasks are not made yet. Run the import again with the same file.`,
      );
    }
  }
  return not;
}

async function sendRows(url: string, file: string, id: string): Promise<void> {
  let rows: BackupRow[] = [];
  let chars = 0;
  const send = async () => {
    if (rows.length > 0) await ask(url, { do: 'rows', id, rows }, 'taken');
    rows = [];
    chars = 0;
  };
  const incoming = new Incoming(url);
  try {
    for await (const record of readBackup(file)) {
      if (record.is !== 'part') await incoming.send();
      switch (record.is) {
        case 'row': {
          const size = JSON.stringify(record).length;
          if (rows.length >= PAGE_ROWS || chars + size > PAGE_MAX_CHARS) await send();
          rows.push(record);
          chars += size;
          break;
        }
        case 'checkpoint':
          await incoming.begin(`checkpoint?${new URLSearchParams({ id, key: record.key })}`);
          break;
        case 'attachment': {
          const { id: attachment, name } = record.attachment;
          await incoming.begin(`attachment?${new URLSearchParams({ id, attachment, name })}`);
          break;
        }
        case 'part':
          await incoming.add(Buffer.from(record.data, 'base64'));
          break;
        case 'end':
          break;
      }
    }
    await send();
  } finally {
    await incoming.drop();
  }
}

/** Something on its way from the file to R2, by way of the disk: R2 wants to know its size first. */
class Incoming {
  readonly #url: string;
  #place = '';
  #folder: string | null = null;
  #file: FileHandle | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  /** @param place where it goes, below `/api/import/`. */
  async begin(place: string): Promise<void> {
    this.#place = place;
    this.#folder = await mkdtemp(path.join(tmpdir(), 'mainloop-import-'));
    this.#file = await open(path.join(this.#folder, 'bytes'), 'wx', 0o600);
  }

  async add(part: Buffer): Promise<void> {
    await this.#file?.write(part);
  }

  /** Sends what has come, where something has. */
  async send(): Promise<void> {
    if (this.#file === null || this.#folder === null) return;
    await this.#file.close();
    this.#file = null;
    const body = await openAsBlob(path.join(this.#folder, 'bytes'));
    await askMainloop(this.#url, `/api/import/${this.#place}`, { method: 'PUT', body });
    await this.drop();
  }

  async drop(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }
}
