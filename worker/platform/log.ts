import type { LogEvent, LogField } from './log-events.ts';
import { redactor } from './redactor.ts';

type LogValue = string | number | boolean | null | undefined;
/** A structured log line's fields. Ids and numbers; never a credential, a prompt or a person's text. */
type LogFields<Event extends LogEvent> = Readonly<Partial<Record<LogField<Event>, LogValue>>>;

/** Names of ours. */
const NO_WORDS = new Set(['level', 'event']);

function write(
  level: 'info' | 'warn' | 'error',
  event: LogEvent,
  fields: Readonly<Record<string, LogValue>> | undefined,
): void {
  console[level](JSON.stringify(redactor.within({ level, event, ...fields }, NO_WORDS)));
}

/** Structured events of `log-events.ts`, one JSON line each: `log.info('task.status', { taskId, status })`. */
export const log = {
  info: <Event extends LogEvent>(event: Event, fields?: LogFields<Event>) =>
    write('info', event, fields),
  /** Something failed and Mainloop goes on by itself. */
  warn: <Event extends LogEvent>(event: Event, fields?: LogFields<Event>) =>
    write('warn', event, fields),
  /** Something failed and a person is told, or a bug. */
  error: <Event extends LogEvent>(event: Event, error: unknown, fields?: LogFields<Event>) =>
    write('error', event, {
      ...fields,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
};
