import { expect, it } from 'vitest';
import { app } from './app.ts';

/** From the route table: a new one must be added to the tests of `app-people.worker.test.ts`. */
it('the routes that need a person are these', () => {
  const routes = app.routes
    .filter(({ path }) => path.startsWith('/api'))
    .map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(routes)]).toEqual([
    'GET /api/live',
    'ALL /api/*',
    'GET /api/socket',
    'POST /api/commands',
    'GET /api/sign-in',
    'GET /api/messages',
    'GET /api/search',
    'GET /api/usage',
    'POST /api/rebuild',
    'POST /api/refill',
    'PUT /api/attachments/:id',
    'GET /api/attachments/:id',
    'POST /api/export',
    'GET /api/export/checkpoint',
    'POST /api/import',
    'PUT /api/import/checkpoint',
    'PUT /api/import/attachment',
    'GET /api/health',
    'GET /api/health/storage',
    'PUT /api/repositories/:owner/:name/secrets/:secret',
    'DELETE /api/repositories/:owner/:name/secrets/:secret',
    'GET /api/git-token',
    'PUT /api/git-token',
    'DELETE /api/git-token',
    'GET /api/inbox/:id',
    'GET /api/tasks/:id',
    'GET /api/tasks/:id/usage',
    'GET /api/tasks/:id/changes',
    'GET /api/tasks/:id/refused',
    'GET /api/tasks/:id/events',
    'GET /api/tasks/:id/events/:number{[0-9]+}',
    'GET /api/tasks/:id/find',
    'GET /api/tasks/:id/feed',
  ]);
});
