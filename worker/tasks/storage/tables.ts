import * as z from 'zod/mini';
import { ANY_COLUMNS, type StoredTable } from '../../platform/inspect.ts';
import { StoredDay, StoredId, StoredTime } from '../../platform/stored-values.ts';
import { StoredDecision } from './decisions.ts';
import { StoredEgressRefusal } from './egress-refusals.ts';
import { StoredReport } from './notice.ts';
import { StoredCallUsage } from './reservations.ts';
import { StoredCommandResult, StoredEventBody, StoredEffect, StoredMail } from './rows.ts';

const body = (schema: z.ZodMiniType) => ({ column: 'body', schema });
const columns = ANY_COLUMNS;
const count = z.int();

/** Every table of a Task whose rows its code reads; see docs/storage.md for all of them. */
export const TASK_TABLES: readonly StoredTable[] = [
  {
    name: 'events',
    key: 'number',
    json: body(StoredEventBody),
    columns: z.looseObject({ at: StoredTime }),
  },
  { name: 'mailbox', key: 'id', json: body(StoredMail), columns },
  { name: 'reports', key: 'number', json: body(StoredReport), columns },
  { name: 'intents', key: 'key', json: body(StoredEffect), columns },
  { name: 'command_results', key: 'request_id', json: body(StoredCommandResult), columns },
  { name: 'decisions', key: 'id', json: body(StoredDecision), columns },
  { name: 'egress_refusals', key: 'asked', json: null, columns: StoredEgressRefusal },
  {
    name: 'queued_messages',
    key: 'id',
    json: null,
    columns: z.object({ id: StoredId, text: z.string(), attachments: z.nullable(z.string()) }),
  },
  {
    name: 'usage',
    key: 'id',
    json: null,
    columns: z.object({
      id: z.string(),
      model: z.string(),
      day: StoredDay,
      input: count,
      output: count,
      cache_read: count,
      cache_write: count,
      cost: z.number(),
      is_estimated: count,
    }),
  },
  {
    name: 'reservations',
    key: 'id',
    json: { column: 'usage', schema: StoredCallUsage },
    columns: z.looseObject({ worst: z.number(), heard_at: StoredTime }),
  },
];
