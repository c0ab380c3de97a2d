import type { InboxItem } from '../../protocol/inbox.ts';
import { STATUS } from '../../protocol/task-status.ts';
import type { TaskProgress, TaskReport } from '../tasks/api.ts';
import type { ChangeLog } from './change-log.ts';
import type { HealthWatch } from './health/watch.ts';
import type { Scheduler } from './scheduling/scheduler.ts';
import type { Sockets } from './sockets.ts';
import type { ThreadStore } from './storage/thread-store.ts';
import type { Turns } from './storage/turns.ts';
import { failUnreadableTask } from './unreadable-task.ts';

type Parts = {
  store: ThreadStore;
  turns: Turns;
  changeLog: ChangeLog;
  scheduler: Scheduler;
  sockets: Sockets;
  health: HealthWatch;
};

/** What tasks tell the conversation. */
export class TaskReports {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes a report with all that follows from it; one that was taken before changes nothing. */
  async take(report: TaskReport, now: number): Promise<void> {
    const { store, turns, changeLog, scheduler } = this.#parts;
    changeLog.change(() => {
      if (changeLog.putTask(report.task, report.number, now) === null) return;
      scheduler.note(report.task, report.slot);
      if (report.inbox?.is === 'open') this.#openItem(report.inbox.item, now);
      if (report.inbox?.is === 'revise') this.#reviseItem(report.inbox.item, now);
      if (report.inbox?.is === 'settle') {
        const { outcome } = report.inbox;
        for (const item of store.openItemsOf(report.task.id)) {
          changeLog.putInbox({ ...item, outcome }, now);
        }
      }
      if (report.notice !== null) {
        turns.add({ is: 'notice', task: report.task, notice: report.notice });
      }
    });
    if (report.notice?.is === 'not_done') this.#parts.health.lookAt(report.task.id);
    await scheduler.spend(report.task, report.spent);
  }

  /** As `failUnreadableTask`. */
  fail(taskId: string, reason: string, now: number): boolean {
    return failUnreadableTask(this.#parts, taskId, reason, now);
  }

  /** What a task does now; not in the log. */
  async progress(progress: TaskProgress): Promise<void> {
    const { taskId, report, note, usage, changes, spent, openCalls } = progress;
    const { store, scheduler, sockets } = this.#parts;
    const task = store.task(taskId);
    if (task === null) return;
    // One that a report has overtaken would take back what that said.
    if (report >= store.reportOf(taskId)) {
      const shown = STATUS[task.status].showsProgress ? note : task.note;
      store.putProgress({ ...task, note: shown, usage, changes });
      sockets.broadcast({ type: 'progress', taskId, note: shown, usage, changes });
    }
    const told = scheduler.spend(task, spent);
    // Not before what it has cost: in between it would stand in neither.
    scheduler.dayMoney.put(taskId, openCalls, Date.now());
    await told;
  }

  /** What it shows has changed, and it is the same item: who has it open goes on reading. */
  #reviseItem(item: InboxItem, now: number): void {
    const { store, changeLog } = this.#parts;
    if (item.taskId === null) return;
    for (const { id, at, kind } of store.openItemsOf(item.taskId)) {
      if (kind === item.kind) changeLog.putInbox({ ...item, id, at }, now);
    }
  }

  /** A pull request waits once: what its checks say now takes the place of what they said. */
  #openItem(item: InboxItem, now: number): void {
    const { store, changeLog } = this.#parts;
    const outcome = { by: 'task', text: 'Its checks have changed', at: now } as const;
    for (const older of item.taskId === null ? [] : store.openItemsOf(item.taskId)) {
      if (item.kind === 'review' && older.kind === 'review') {
        changeLog.putInbox({ ...older, outcome }, now);
      }
    }
    changeLog.putInbox(item, now);
  }
}
