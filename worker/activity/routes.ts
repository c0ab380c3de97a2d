import { Hono } from 'hono';
import * as z from 'zod/mini';
import { TaskId } from '../../protocol/ids.ts';
import { EVENTS_PAGE_MAX, FEED_NEWEST, FIND_MAX_CHARS } from '../../protocol/task-feed.ts';
import type { Person } from '../auth/access.ts';
import type { Env } from '../env.ts';
import { taskObjectName } from '../tasks/api.ts';

const NOT_FOUND = { error: 'not_found', text: 'There is no such thing here.' } as const;

const whole = z.coerce.number().check(z.int(), z.positive());
const Before = z._default(whole, Number.MAX_SAFE_INTEGER);
const PageQuery = z.object({
  before: Before,
  limit: z._default(whole.check(z.maximum(EVENTS_PAGE_MAX)), FEED_NEWEST),
});
const FindQuery = z.object({
  q: z.string().check(z.trim(), z.minLength(1), z.maxLength(FIND_MAX_CHARS)),
  before: Before,
});

function taskOf(env: Env, person: Person, id: string) {
  const taskId = TaskId.safeParse(id);
  return taskId.success
    ? env.TASK.get(env.TASK.idFromName(taskObjectName(person.id, taskId.data)))
    : null;
}

/** What of a task's activity its page does not have yet. Who asks is known: `app.ts` has let them in. */
export const activity = new Hono<{ Bindings: Env; Variables: { person: Person } }>()
  .get('/tasks/:id/events', async (c) => {
    const query = PageQuery.safeParse(c.req.query());
    if (!query.success) {
      return c.json(
        { error: 'malformed', text: 'before and limit are whole numbers above 0.' },
        400,
      );
    }
    const { before, limit } = query.data;
    const events = await taskOf(c.env, c.get('person'), c.req.param('id'))?.page(before, limit);
    return events === undefined || events === null ? c.json(NOT_FOUND, 404) : c.json({ events });
  })
  .get('/tasks/:id/events/:number{[0-9]+}', async (c) => {
    const { id, number } = c.req.param();
    const event = await taskOf(c.env, c.get('person'), id)?.event(Number(number));
    return event === undefined || event === null ? c.json(NOT_FOUND, 404) : c.json(event);
  })
  .get('/tasks/:id/find', async (c) => {
    const query = FindQuery.safeParse(c.req.query());
    if (!query.success) {
      return c.json(
        { error: 'malformed', text: `q is what to look for, up to ${FIND_MAX_CHARS} characters.` },
        400,
      );
    }
    const { q, before } = query.data;
    const found = await taskOf(c.env, c.get('person'), c.req.param('id'))?.find(q, before);
    return found === undefined || found === null ? c.json(NOT_FOUND, 404) : c.json(found);
  });
