import { existsSync } from 'node:fs';
import path from 'node:path';
import { ulid } from 'ulid';
import type { Attachment } from '../../protocol/attachment.ts';
import {
  type BackupCursor,
  EXPORT_FORMAT,
  ExportAnswer,
  type ExportRequest,
  attachmentsOf,
  checkpointKeys,
} from '../../protocol/backup.ts';
import { askMainloop } from '../ask-mainloop.ts';
import { type Answered, askFor } from './ask.ts';
import { BackupWriter } from './file-writer.ts';
import { heldIn } from './words.ts';

/** Bytes of something from R2 in one record. */
const PART_BYTES = 300_000;
const DRAINED_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 1_000;

/** What lies in R2 and the file has to hold: work in progress, and what the person attached. */
type Wanted = {
  checkpoints: { taskId: string; key: string }[];
  attachments: Map<string, Attachment>;
};

const ask = <Is extends ExportAnswer['is']>(url: string, request: ExportRequest, wanted: Is) =>
  askFor({ url, path: '/api/export', schema: ExportAnswer }, request, wanted);

/** Has everything sent to Postgres. @returns rows that wait still, and those that never get there. */
async function drain(url: string): Promise<{ waiting: number; setAside: number }> {
  for (const deadline = Date.now() + DRAINED_WITHIN_MS; ;) {
    const sum = { waiting: 0, setAside: 0 };
    for (let after: string | null = null, more = true; more;) {
      const answer: Answered<ExportAnswer, 'drained'> = await ask(
        url,
        { do: 'drain', after },
        'drained',
      );
      sum.waiting += answer.waiting;
      sum.setAside += answer.setAside;
      after = answer.next;
      more = after !== null;
    }
    if (sum.waiting === 0 || Date.now() > deadline) return sum;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** Writes everything that the person has here into a file. @returns what to print. */
export async function exportTo(url: string, file: string, anyway: boolean): Promise<string> {
  if (existsSync(file)) throw new Error(`${file} is there already: name another file.`);
  const folder = path.dirname(path.resolve(file));
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}: nothing was written.`);
  const { waiting, setAside } = await drain(url);
  if (waiting > 0 && !anyway) {
    throw new Error(
      `${waiting} rows have not reached Postgres, from which an export is made: is it there? Nothing was written. With --anyway they are left out.`,
    );
  }
  const { counts, version } = await ask(url, { do: 'count' }, 'counted');
  const writer = new BackupWriter(file);
  try {
    const header = { is: 'header', of: 'mainloop', format: EXPORT_FORMAT } as const;
    await writer.begin({ ...header, id: ulid(), at: Date.now(), version, counts });
    const wanted = await addRows(url, writer);
    const lost = {
      checkpoints: await addCheckpoints(url, writer, wanted.checkpoints),
      attachments: await addAttachments(url, writer, [...wanted.attachments.values()]),
    };
    const held = await writer.end();
    return [
      `${file} holds ${heldIn(held)}.`,
      ...(waiting > 0 ? [`Left out: ${waiting} rows that have not reached Postgres.`] : []),
      ...(setAside > 0
        ? [`Left out: ${setAside} rows that were set aside (see /api/health/storage).`]
        : []),
      ...(lost.checkpoints > 0
        ? [`Left out: ${lost.checkpoints} checkpoints that R2 has not any more.`]
        : []),
      ...(lost.attachments > 0
        ? [`Left out: ${lost.attachments} attached files that R2 has not any more.`]
        : []),
      'It holds no secret of the installation; docs/backup.md says what it does not hold.',
    ].join('\n');
  } catch (error) {
    await writer.drop();
    throw error;
  }
}

async function addRows(url: string, writer: BackupWriter): Promise<Wanted> {
  const checkpoints: Wanted['checkpoints'] = [];
  const attachments: Wanted['attachments'] = new Map();
  for (let after: BackupCursor | null = null, more = true; more;) {
    const page: Answered<ExportAnswer, 'rows'> = await ask(url, { do: 'rows', after }, 'rows');
    for (const row of page.rows) {
      await writer.add(row);
      for (const one of attachmentsOf(row.row)) attachments.set(one.id, one);
      const { taskId } = row;
      if (row.table !== 'task_states' || taskId === undefined) continue;
      checkpoints.push(...checkpointKeys(taskId, row.row).map((key) => ({ taskId, key })));
    }
    after = page.next;
    more = after !== null;
  }
  return { checkpoints, attachments };
}

/** @returns how many are not there any more: those of ended tasks go after a time. */
async function addCheckpoints(
  url: string,
  writer: BackupWriter,
  wanted: Wanted['checkpoints'],
): Promise<number> {
  let lost = 0;
  for (const { taskId, key } of wanted) {
    const query = new URLSearchParams({ task: taskId, key });
    const answer = await askMainloop(url, `/api/export/checkpoint?${query}`).catch(() => null);
    if (answer === null) {
      lost++;
      continue;
    }
    const size = Number(answer.headers.get('content-length'));
    await writer.add({ is: 'checkpoint', key, size });
    await addParts(writer, answer);
  }
  return lost;
}

/** @returns how many are not there any more. */
async function addAttachments(
  url: string,
  writer: BackupWriter,
  wanted: readonly Attachment[],
): Promise<number> {
  let lost = 0;
  for (const attachment of wanted) {
    const answer = await askMainloop(url, `/api/attachments/${attachment.id}`).catch(() => null);
    if (answer === null) {
      lost++;
      continue;
    }
    await writer.add({ is: 'attachment', attachment });
    await addParts(writer, answer);
  }
  return lost;
}

async function addParts(writer: BackupWriter, { body }: Response): Promise<void> {
  let held = Buffer.alloc(0);
  const add = (part: Buffer) => writer.add({ is: 'part', data: part.toString('base64') });
  for await (const part of body ?? []) {
    held = Buffer.concat([held, part]);
    for (; held.length >= PART_BYTES; held = held.subarray(PART_BYTES)) {
      await add(held.subarray(0, PART_BYTES));
    }
  }
  if (held.length > 0) await add(held);
}
