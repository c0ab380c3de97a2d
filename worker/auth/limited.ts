import { createMiddleware } from 'hono/factory';
import type { PersonEnv } from './signed-in.ts';

/** Of the binding PERSON_RATE in wrangler.toml. */
const PERIOD_SECONDS = 60;

/** Bounds how many requests one person may make in a minute, so that others do not notice. */
export const limited = createMiddleware<PersonEnv>(async (c, next) => {
  const { success } = await c.env.PERSON_RATE.limit({ key: c.get('person').id });
  if (success) return next();
  const text = `That is more than Mainloop takes from one person in a minute. Try again in ${PERIOD_SECONDS} seconds.`;
  return c.json({ error: 'too_many', text }, 429, { 'retry-after': String(PERIOD_SECONDS) });
});
