import type { TaskReport } from '../api.ts';
import type { Consequences } from './consequences.ts';
import { type TaskRecord, statusOf } from './state.ts';

const waitsForRoom = ({ state }: TaskRecord) =>
  state.is === 'starting' && state.noRoomSince !== undefined;

/** What the main thread must hear of a transition; null when nothing changed that it shows. */
export function reportOf(
  before: TaskRecord,
  after: TaskRecord,
  { inbox, notice, asksSlot }: Pick<Consequences, 'inbox' | 'notice' | 'asksSlot'>,
): Pick<TaskReport, 'inbox' | 'notice'> | null {
  const same =
    statusOf(before) === statusOf(after) &&
    before.generation === after.generation &&
    waitsForRoom(before) === waitsForRoom(after) &&
    before.pullRequest?.url === after.pullRequest?.url &&
    !asksSlot;
  return inbox === null && notice === null && same ? null : { inbox, notice };
}
