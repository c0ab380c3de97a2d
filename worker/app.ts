import { Hono } from 'hono';
import * as z from 'zod/mini';
import { ChangedFiles } from '../protocol/changes.ts';
import type { HealthReport, Liveness, ObjectHealth, StorageHealth } from '../protocol/health.ts';
import { InboxItemId, MessageId, TaskId } from '../protocol/ids.ts';
import { SPENT_DAYS_MAX } from '../protocol/pages.ts';
import { RebuildRequest, RefillRequest } from '../protocol/rebuild.ts';
import { SearchQuery } from '../protocol/search.ts';
import { Command, UP_FRAME_MAX_CHARS } from '../protocol/up.ts';
import { PRODUCT_VERSION, PROTOCOL_VERSION } from '../protocol/version.ts';
import type { Person } from './auth/access.ts';
import { limited } from './auth/limited.ts';
import { type PersonEnv, signedIn } from './auth/signed-in.ts';
import { activity } from './activity/routes.ts';
import { attachments } from './attachments/routes.ts';
import { backup } from './backup/routes.ts';
import type { Env } from './env.ts';
import { gateway } from './gateway/app.ts';
import { isHandedOver } from './gateway/host.ts';
import { webhooks } from './github/webhooks.ts';
import { log } from './platform/log.ts';
import { boundedJson } from './platform/http.ts';
import { refill } from './refill.ts';
import { secretRoutes } from './secret-routes.ts';
import { taskObjectName } from './tasks/api.ts';
import { TASK_MIGRATIONS } from './tasks/storage/migrations.ts';
import type { PageAsked } from './thread/message-pages.ts';
import { THREAD_MIGRATIONS } from './thread/storage/migrations.ts';

const SeqAsked = z.optional(z.coerce.number().check(z.int(), z.positive()));
const PageQuery = z.object({
  before: SeqAsked,
  after: SeqAsked,
  around: z.optional(MessageId),
  limit: z._default(z.coerce.number().check(z.int(), z.positive(), z.maximum(100)), 50),
});

function pageAsked({ before, after, around, limit }: z.infer<typeof PageQuery>): PageAsked {
  if (around !== undefined) return { is: 'around', id: around, limit };
  if (after !== undefined) return { is: 'after', seq: after, limit };
  return { is: 'before', seq: before ?? Number.MAX_SAFE_INTEGER, limit };
}

const UsageQuery = z.object({
  days: z._default(z.coerce.number().check(z.int(), z.positive(), z.maximum(SPENT_DAYS_MAX)), 30),
});

const REQUEST_MAX_BYTES = 10_000;
/** The longest frame of a socket, in bytes of UTF-8. */
const COMMAND_MAX_BYTES = 3 * UP_FRAME_MAX_CHARS;
const MALFORMED = { error: 'malformed', text: 'That is no such request.' } as const;
const NOT_FOUND = { error: 'not_found', text: 'There is no such thing here.' } as const;

const isUpgrade = (request: Request) =>
  request.headers.get('upgrade')?.toLowerCase() === 'websocket';

/** What an object needs of a person to open a socket: until when the sign-in holds (0: without end). */
const upgradeHeaders = (person: Person) => ({
  upgrade: 'websocket',
  'x-mainloop-expires-at': String(person.expiresAt ?? 0),
});

/** Every route for people. Objects are named by the verified person and by nothing else. */
const api = new Hono<PersonEnv>()
  .get('/live', (c) => c.json({ up: true, version: PRODUCT_VERSION } satisfies Liveness))
  .use('*', signedIn)
  .use('*', limited)
  .get('/socket', async (c) => {
    if (!isUpgrade(c.req.raw))
      return c.json({ error: 'upgrade', text: 'This is a WebSocket.' }, 426);
    const person = c.get('person');
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(person.id));
    await thread.signIn(person);
    return thread.fetch('http://thread/', { headers: upgradeHeaders(person) });
  })
  // What a page says on its socket, for what has none: a notification's buttons.
  .post('/commands', async (c) => {
    const command = Command.safeParse(await boundedJson(c.req.raw, COMMAND_MAX_BYTES));
    if (!command.success) return c.json(MALFORMED, 400);
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    const result = await thread.command(command.data);
    return result.is === 'done'
      ? c.body(null, 204)
      : c.json({ error: result.code, text: result.text }, 409);
  })
  // The page itself comes from the browser's own store: only what asks the server gets to the sign-in.
  .get('/sign-in', (c) => c.redirect(ownPath(c.req.query('to') ?? '/', c.req.url)))
  .get('/messages', async (c) => {
    const query = PageQuery.safeParse(c.req.query());
    if (!query.success) {
      return c.json(
        {
          error: 'malformed',
          text: 'before, after and limit are whole numbers above 0, around is the id of a message.',
        },
        400,
      );
    }
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    const page = await thread.messages(pageAsked(query.data));
    return page === null ? c.json(NOT_FOUND, 404) : c.json(page);
  })
  .get('/search', async (c) => {
    const query = SearchQuery.safeParse(c.req.query());
    if (!query.success) {
      return c.json(
        { error: 'malformed', text: 'q is what to look for, up to 500 characters.' },
        400,
      );
    }
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    return c.json(await thread.search(query.data.q));
  })
  .get('/usage', async (c) => {
    const query = UsageQuery.safeParse(c.req.query());
    if (!query.success) {
      const text = `days is a whole number from 1 to ${SPENT_DAYS_MAX}.`;
      return c.json({ error: 'malformed', text }, 400);
    }
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    return c.json(await thread.spent(query.data.days));
  })
  .post('/rebuild', async (c) => {
    const request = RebuildRequest.safeParse(await boundedJson(c.req.raw, REQUEST_MAX_BYTES));
    if (!request.success) return c.json(MALFORMED, 400);
    const person = c.get('person');
    const answer =
      request.data.what === 'conversation'
        ? await c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(person.id)).rebuild(person)
        : await taskObject(c.env, person, request.data.taskId).rebuild();
    return c.json(answer);
  })
  .post('/refill', async (c) => {
    const request = RefillRequest.safeParse(await boundedJson(c.req.raw, REQUEST_MAX_BYTES));
    if (!request.success) return c.json(MALFORMED, 400);
    const person = c.get('person');
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(person.id));
    const task = (taskId: string) => taskObject(c.env, person, taskId);
    return c.json(await refill({ thread, task }, request.data.after));
  })
  .route('/', attachments)
  .route('/', backup)
  .get('/health', async (c) => {
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    return c.json({
      at: Date.now(),
      version: versionOf(c.env),
      checks: await thread.checks(),
    } satisfies HealthReport);
  })
  .get('/health/storage', async (c) => {
    const { id } = c.get('person');
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(id));
    const tasks = await Promise.all(
      (await thread.shownTasks()).map(async (taskId) => ({
        taskId,
        health: await c.env.TASK.get(c.env.TASK.idFromName(taskObjectName(id, taskId))).health(),
      })),
    );
    return c.json({
      thread: await thread.health(),
      tasks: tasks.flatMap(({ taskId, health }) =>
        health === null || isWhole(health) ? [] : [{ taskId, health }],
      ),
    } satisfies StorageHealth);
  })
  .route('/', secretRoutes)
  .get('/inbox/:id', async (c) => {
    const id = InboxItemId.safeParse(c.req.param('id'));
    if (!id.success) return c.json(NOT_FOUND, 404);
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    const item = await thread.inboxItem(id.data);
    return item === null ? c.json(NOT_FOUND, 404) : c.json(item);
  })
  .get('/tasks/:id', async (c) => {
    const task = taskOf(c.env, c.get('person'), c.req.param('id'));
    const details = task === null ? null : await task.details();
    return details === null ? c.json(NOT_FOUND, 404) : c.json(details);
  })
  .get('/tasks/:id/usage', async (c) => {
    const task = taskOf(c.env, c.get('person'), c.req.param('id'));
    const rows = task === null ? null : await task.usage();
    return rows === null ? c.json(NOT_FOUND, 404) : c.json({ rows });
  })
  .get('/tasks/:id/changes', async (c) => {
    const task = taskOf(c.env, c.get('person'), c.req.param('id'));
    const key = task === null ? null : await task.changesKey();
    const kept = key === null ? null : await c.env.CHECKPOINTS.get(key);
    if (kept === null) return c.json(NOT_FOUND, 404);
    if (c.req.query('lines') === 'none') {
      // A sandbox has written it: what is no such report is none.
      const read = ChangedFiles.safeParse(await kept.json().catch(() => null));
      return read.success ? c.json(read.data) : c.json(NOT_FOUND, 404);
    }
    return c.body(kept.body, 200, {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
    });
  })
  .get('/tasks/:id/refused', async (c) => {
    const task = taskOf(c.env, c.get('person'), c.req.param('id'));
    const rows = task === null ? null : await task.egressRefusals();
    return rows === null ? c.json(NOT_FOUND, 404) : c.json({ rows });
  })
  .route('/', activity)
  .get('/tasks/:id/feed', async (c) => {
    if (!isUpgrade(c.req.raw))
      return c.json({ error: 'upgrade', text: 'This is a WebSocket.' }, 426);
    const task = taskOf(c.env, c.get('person'), c.req.param('id'));
    if (task === null || (await task.summary()) === null) return c.json(NOT_FOUND, 404);
    const after = c.req.query('after') ?? '';
    return task.fetch(`http://task/?after=${encodeURIComponent(after)}`, {
      headers: upgradeHeaders(c.get('person')),
    });
  })
  .all('*', (c) => c.json(NOT_FOUND, 404));

/** Where to go on after a sign-in: a place of this origin, whatever is asked for. */
function ownPath(to: string, url: string): string {
  const { origin } = new URL(url);
  const wanted = URL.parse(to, origin);
  return wanted?.origin === origin ? `${wanted.pathname}${wanted.search}${wanted.hash}` : '/';
}

const versionOf = ({ CF_VERSION_METADATA: deployed }: Env) => ({
  product: PRODUCT_VERSION,
  protocol: PROTOCOL_VERSION,
  thread: THREAD_MIGRATIONS.length,
  task: TASK_MIGRATIONS.length,
  deployed: deployed?.id ?? null,
});

const isWhole = ({ closed, setAside }: ObjectHealth) => closed === null && setAside.count === 0;

function taskOf(env: Env, person: Person, id: string) {
  const taskId = TaskId.safeParse(id);
  if (!taskId.success) return null;
  return taskObject(env, person, taskId.data);
}

const taskObject = (env: Env, person: Person, taskId: string) =>
  env.TASK.get(env.TASK.idFromName(taskObjectName(person.id, taskId)));

export const app = new Hono<{ Bindings: Env }>()
  .route('/api', api)
  .use('/gateway/*', async (c, next) =>
    isHandedOver(c.env.GATEWAY_URL) ? c.json(NOT_FOUND, 404) : next(),
  )
  .route('/', gateway)
  .route('/', webhooks)
  // Where no service worker takes what another app shares: it goes no further, and the page says so.
  .post('/share', (c) => c.redirect('/?share=lost', 303))
  .all('*', (c) => c.env.ASSETS.fetch(c.req.raw));

app.onError((error, c) => {
  log.error('app.error', error, { path: new URL(c.req.url).pathname.slice(0, 100) });
  return c.json({ error: 'internal', text: 'Something went wrong on this side. Try again.' }, 500);
});
