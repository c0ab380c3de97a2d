import * as z from 'zod/mini';
import { ANY_COLUMNS, type StoredTable } from '../../platform/inspect.ts';
import { StoredDay, StoredTime } from '../../platform/stored-values.ts';
import { StoredSpec } from '../../tasks/storage/rows.ts';
import { StoredInboxItem, StoredTaskSummary } from '../../tasks/storage/shapes.ts';
import { StoredDevice, StoredPush } from './push-rows.ts';
import {
  StoredAttachmentRow,
  StoredCommandResult,
  StoredLogChange,
  StoredMessage,
  StoredReserved,
  StoredSecret,
  StoredSlotRow,
  StoredStart,
  StoredToolCall,
  StoredToolResult,
  StoredTurnCause,
  StoredTurnRestarts,
} from './rows.ts';

const body = (schema: z.ZodMiniType) => ({ column: 'body', schema });
const columns = ANY_COLUMNS;

/** Every table of a MainThread whose rows its code reads; see docs/storage.md for all of them. */
export const THREAD_TABLES: readonly StoredTable[] = [
  {
    name: 'log',
    key: 'seq',
    json: body(StoredLogChange),
    columns: z.looseObject({ at: StoredTime }),
  },
  { name: 'messages', key: 'id', json: body(StoredMessage), columns },
  { name: 'tasks', key: 'id', json: body(StoredTaskSummary), columns },
  { name: 'inbox', key: 'id', json: body(StoredInboxItem), columns },
  { name: 'commands', key: 'id', json: { column: 'result', schema: StoredCommandResult }, columns },
  { name: 'turns', key: 'id', json: { column: 'cause', schema: StoredTurnCause }, columns },
  { name: 'turn_restarts', key: 'turn_id', json: null, columns: StoredTurnRestarts },
  {
    name: 'tool_calls',
    key: 'id',
    json: { column: 'result', schema: StoredToolResult },
    columns: StoredToolCall,
  },
  {
    name: 'starts',
    key: 'task_id',
    json: { column: 'spec', schema: StoredSpec },
    columns: StoredStart,
  },
  { name: 'secrets', key: 'id', json: null, columns: StoredSecret },
  { name: 'devices', key: 'id', json: body(StoredDevice), columns },
  { name: 'pushes', key: 'id', json: null, columns: StoredPush },
  { name: 'attachments', key: 'id', json: null, columns: StoredAttachmentRow },
  { name: 'slots', key: 'task_id', json: null, columns: StoredSlotRow },
  {
    name: 'spending',
    key: 'task_id',
    json: null,
    columns: z.object({ day: StoredDay, task_id: z.string(), cost: z.number() }),
  },
  { name: 'reserved', key: 'task_id', json: null, columns: StoredReserved },
];
