/** What the driver said. Drizzle's own message around it has the row's text in it, which is not for the log. */
export function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

/**
 * Classes of SQLSTATE that speak of the value and not of the database: data exceptions, integrity
 * constraints, and limits that a value exceeds (a text too long for an index or for jsonb).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const OF_THE_VALUE = /^(?:22|23|54)[0-9A-Z]{3}$/;

/**
 * True when Postgres understood and refused, or the driver could not even write the value down (a
 * date that there is none of, nothing where a value must be); false when Postgres was not there.
 */
export function isRefusal(error: unknown): boolean {
  const cause = causeOf(error);
  if (cause instanceof RangeError) return true;
  if (typeof cause !== 'object' || cause === null) return false;
  const code: unknown = Reflect.get(cause, 'code');
  return typeof code === 'string' && (OF_THE_VALUE.test(code) || code === 'UNDEFINED_VALUE');
}
