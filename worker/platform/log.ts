/** A structured log line's fields. Ids and numbers; never a credential, a prompt or a person's text. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const SECRET =
  /(?:sk-ant-[\w-]+|gh[pousr]_\w+|github_pat_\w+|Bearer\s+[\w.~+/-]+=*|Basic\s+[\w+/]{16,}=*|postgres(?:ql)?:\/\/[^\s@"]+@|mlt\.[\w.-]+)/g;

/** Takes known shapes of credentials out of a text that is about to be logged or shown. */
export function redact(text: string): string {
  return text.replace(SECRET, '[redacted]');
}

function write(level: 'info' | 'warn' | 'error', event: string, fields: LogFields): void {
  console[level](redact(JSON.stringify({ level, event, ...fields })));
}

/** Structured events, one JSON line each: `log.info('task.lost', { taskId, generation })`. */
export const log = {
  info: (event: string, fields: LogFields = {}) => write('info', event, fields),
  /** Something failed and Mainloop goes on by itself. */
  warn: (event: string, fields: LogFields = {}) => write('warn', event, fields),
  /** Something failed and a person is told, or a bug. */
  error: (event: string, error: unknown, fields: LogFields = {}) =>
    write('error', event, {
      ...fields,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
};
