import { Hono } from 'hono';
import { NewSecret, SECRET_VALUE_RULE } from '../protocol/environment.ts';
import { GIT_TOKEN_RULE, type GitTokenAnswer, NewGitToken } from '../protocol/git-token.ts';
import { RepositoryName } from '../protocol/ids.ts';
import { refusedName } from '../protocol/refused-name.ts';
import type { PersonEnv } from './auth/signed-in.ts';
import type { Env } from './env.ts';
import { boundedJson } from './platform/http.ts';
import { whyNoKeys } from './platform/sealed.ts';

const TOKEN_MAX_BYTES = 10_000;
/** The longest secret with each character escaped. */
const SECRET_MAX_BYTES = 200_000;
const NOT_FOUND = { error: 'not_found', text: 'There is no such thing here.' } as const;

/** As whom works who has no token of their own. */
function otherwise({
  GITHUB_APP_ID: id,
  GITHUB_APP_PRIVATE_KEY: key,
  GITHUB_TOKEN: token,
}: Env): GitTokenAnswer['otherwise'] {
  if (id || key) return 'app';
  return token === undefined ? 'nobody' : 'token';
}

/** What a person keeps here and is never shown again. */
export const secretRoutes = new Hono<PersonEnv>()
  .on(['PUT', 'DELETE'], '/repositories/:owner/:name/secrets/:secret', async (c) => {
    const { owner, name, secret } = c.req.param();
    const repository = RepositoryName.safeParse(`${owner}/${name}`);
    if (!repository.success) return c.json(NOT_FOUND, 404);
    const wrong = refusedName(secret);
    if (wrong !== null) return c.json({ error: 'malformed', text: wrong }, 400);
    const isNew = c.req.method === 'PUT';
    const given = NewSecret.safeParse(
      isNew ? await boundedJson(c.req.raw, SECRET_MAX_BYTES) : null,
    );
    if (isNew && !given.success) {
      return c.json({ error: 'malformed', text: SECRET_VALUE_RULE }, 400);
    }
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    const answer = await thread.changeSecret(repository.data, secret, given.data ?? null);
    if (answer.is === 'done') return c.body(null, 204);
    const { error, text } = answer;
    return c.json({ error, text }, error === 'not_found' ? 404 : 409);
  })
  .get('/git-token', async (c) => {
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    return c.json({
      token: await thread.shownGitToken(),
      otherwise: otherwise(c.env),
      noSecrets: whyNoKeys(c.env.ENCRYPTION_KEYS),
    } satisfies GitTokenAnswer);
  })
  .on(['PUT', 'DELETE'], '/git-token', async (c) => {
    const isNew = c.req.method === 'PUT';
    const given = NewGitToken.safeParse(
      isNew ? await boundedJson(c.req.raw, TOKEN_MAX_BYTES) : null,
    );
    if (isNew && !given.success) {
      return c.json({ error: 'malformed', text: GIT_TOKEN_RULE }, 400);
    }
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(c.get('person').id));
    const answer = await thread.changeGitToken(given.data?.token ?? null);
    if (answer.is === 'done') return c.body(null, 204);
    const { error, text } = answer;
    return c.json({ error, text }, error === 'not_found' ? 404 : 409);
  });
