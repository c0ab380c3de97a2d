/**
 * Why something failed, in the words of whatever knows best: `fetch` and database drivers wrap what
 * happened, and several refused connections come as one error without a message.
 */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown instanceof AggregateError && thrown.message === '' && thrown.errors.length > 0) {
    return reasonOf(thrown.errors[0]);
  }
  if (thrown.cause instanceof Error) return reasonOf(thrown.cause);
  const code = 'code' in thrown ? String(thrown.code) : '';
  return thrown.message || code || thrown.name;
}
