import { Hono } from 'hono';
import {
  type ExportAnswer,
  ExportRequest,
  type ImportAnswer,
  ImportRequest,
  checkpointKeys,
} from '../../protocol/backup.ts';
import { TaskId, Ulid } from '../../protocol/ids.ts';
import { PRODUCT_VERSION } from '../../protocol/version.ts';
import type { Person } from '../auth/access.ts';
import type { Env } from '../env.ts';
import { type OpenHistory, historyOf } from '../history/connect.ts';
import { boundedJson } from '../platform/http.ts';
import { taskObjectName } from '../tasks/api.ts';
import { putAttachment } from '../attachments/put.ts';
import { drainAll, exportCounts, exportRows } from './export.ts';
import { importRows, importTasks } from './import.ts';
import { importFolder, importedKey } from './own-row.ts';

/** A page of rows: 2,000,000 characters at most, or one row with 2 MB, in whatever escapes. */
const REQUEST_MAX_BYTES = 10_000_000;
/** As the gateway takes from a sandbox. */
const CHECKPOINT_MAX_BYTES = 100_000_000;
const CHECKPOINT_KEY = /^[\w-]+(?:\/[\w-]+){2,6}$/;
const MALFORMED = { error: 'malformed', text: 'That is no such request.' } as const;
const NOT_FOUND = { error: 'not_found', text: 'There is no such thing here.' } as const;
const NO_POSTGRES = {
  is: 'refused',
  text: 'No Postgres is configured: an export reads there, and an import writes there.',
} as const;
const NOT_IMPORTING: ImportAnswer = {
  is: 'refused',
  text: 'No import of this file is under way: begin it anew.',
};

type Reached = { env: Env; person: Person };

const threadOf = ({ env, person }: Reached) =>
  env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName(person.id));
const taskOf =
  ({ env, person }: Reached) =>
  (taskId: string) =>
    env.TASK.get(env.TASK.idFromName(taskObjectName(person.id, taskId)));

/** What `npm run export` and `npm run import` ask, of the person's own. */
export const backup = new Hono<{ Bindings: Env; Variables: { person: Person } }>()
  .post('/export', async (c) => {
    const request = ExportRequest.safeParse(await boundedJson(c.req.raw, REQUEST_MAX_BYTES));
    if (!request.success) return c.json(MALFORMED, 400);
    const open = historyOf(c.env);
    if (open === null) return c.json(NO_POSTGRES);
    return c.json(await answerExport({ env: c.env, person: c.get('person') }, open, request.data));
  })
  .get('/export/checkpoint', async (c) => {
    const taskId = TaskId.safeParse(c.req.query('task'));
    const key = c.req.query('key') ?? '';
    const open = historyOf(c.env);
    if (!taskId.success || open === null) return c.json(NOT_FOUND, 404);
    const connection = open();
    try {
      const row = await connection.read(c.get('person').id).taskState(taskId.data);
      const names = checkpointKeys(taskId.data, row);
      const object = names.includes(key) ? await c.env.CHECKPOINTS.get(key) : null;
      if (object === null) return c.json(NOT_FOUND, 404);
      return c.body(object.body, 200, { 'content-length': String(object.size) });
    } finally {
      await connection.close().catch(() => {});
    }
  })
  .post('/import', async (c) => {
    const request = ImportRequest.safeParse(await boundedJson(c.req.raw, REQUEST_MAX_BYTES));
    if (!request.success) return c.json(MALFORMED, 400);
    const open = historyOf(c.env);
    if (open === null) return c.json(NO_POSTGRES);
    return c.json(await answerImport({ env: c.env, person: c.get('person') }, open, request.data));
  })
  .put('/import/checkpoint', async (c) => {
    const id = Ulid.safeParse(c.req.query('id'));
    const key = c.req.query('key') ?? '';
    const length = Number(c.req.header('content-length') ?? Number.NaN);
    const { body } = c.req.raw;
    const isKey = CHECKPOINT_KEY.test(key);
    if (!id.success || !isKey || !(length <= CHECKPOINT_MAX_BYTES) || body === null) {
      return c.json(MALFORMED, 400);
    }
    const person = c.get('person');
    if (!(await threadOf({ env: c.env, person }).goOnImporting(id.data, 'rows'))) {
      return c.json(NOT_IMPORTING, 409);
    }
    const place = importedKey(await importFolder(person.id), key);
    // R2 takes a body of known length only; a body that differs from it fails here.
    await c.env.CHECKPOINTS.put(place, body.pipeThrough(new FixedLengthStream(length)));
    return c.body(null, 204);
  })
  .put('/import/attachment', async (c) => {
    const id = Ulid.safeParse(c.req.query('id'));
    const attachment = Ulid.safeParse(c.req.query('attachment'));
    const { body } = c.req.raw;
    if (!id.success || !attachment.success || body === null) return c.json(MALFORMED, 400);
    const person = c.get('person');
    if (!(await threadOf({ env: c.env, person }).goOnImporting(id.data, 'rows'))) {
      return c.json(NOT_IMPORTING, 409);
    }
    const bytes = Number(c.req.header('content-length') ?? Number.NaN);
    const given = { id: attachment.data, name: c.req.query('name') ?? '', bytes };
    const put = await putAttachment(c.env.CHECKPOINTS, person.id, given, body);
    return put.is === 'stored' ? c.body(null, 204) : c.json(put, 400);
  });

async function answerExport(
  reached: Reached,
  open: OpenHistory,
  request: ExportRequest,
): Promise<ExportAnswer> {
  const { person } = reached;
  switch (request.do) {
    case 'drain':
      return drainAll({ thread: threadOf(reached), task: taskOf(reached) }, request.after);
    case 'count':
      return exportCounts(open, person.id, PRODUCT_VERSION);
    case 'rows':
      return exportRows(open, person.id, request.after);
  }
}

async function answerImport(
  reached: Reached,
  open: OpenHistory,
  request: ImportRequest,
): Promise<ImportAnswer> {
  const { person } = reached;
  const thread = threadOf(reached);
  switch (request.do) {
    case 'begin':
      return thread.beginImport(person, request.id);
    case 'rows':
      if (!(await thread.goOnImporting(request.id, 'rows'))) return NOT_IMPORTING;
      return importRows(open, person.id, request.rows);
    case 'tasks':
      if (!(await thread.goOnImporting(request.id, 'tasks'))) return NOT_IMPORTING;
      return importTasks(taskOf(reached), request.taskIds);
    case 'conversation': {
      if (!(await thread.goOnImporting(request.id, 'tasks'))) return NOT_IMPORTING;
      const { is, text } = await thread.endImport(person, request.id);
      return is === 'refused' ? { is, text } : { is: 'done', text };
    }
  }
}
