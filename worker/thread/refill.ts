import type { ThreadParts } from './parts.ts';

/** Messages that are put on their way in one transaction. */
const PAGE = 200;

/** Puts everything that the conversation holds on its way to Postgres again. @returns how many rows. */
export function refillThread({ store, copy, scheduler }: ThreadParts): number {
  let rows = 0;
  for (let before = Number.MAX_SAFE_INTEGER, more = true; more;) {
    const page = store.messagesBefore(before, PAGE);
    store.transaction(() => page.messages.forEach((message) => copy.message(message)));
    rows += page.messages.length;
    before = page.messages[0]?.seq ?? 0;
    more = page.hasOlder;
  }
  for (const items of store.itemPages()) {
    store.transaction(() => items.forEach((item) => copy.item(item)));
    rows += items.length;
  }
  const taskIds = store.taskIds();
  const days = scheduler.ownSpending();
  store.transaction(() => {
    // With what has been spent up to this transaction: what is spent after it has rows of its own.
    days.forEach((day) => copy.spent(day));
    taskIds.forEach((taskId) => copy.task(taskId));
    copy.settings();
    copy.thread();
  });
  return rows + days.length + taskIds.length + 2;
}
