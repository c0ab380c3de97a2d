import { createMiddleware } from 'hono/factory';
import type { Env } from '../env.ts';
import type { Person } from './access.ts';
import { identify } from './identify.ts';
import { isOwnOrigin, needsOrigin } from './origin.ts';

/** Of a route that only a person gets to. */
export type PersonEnv = { Bindings: Env; Variables: { person: Person } };

/** Lets in whom Cloudflare Access vouches for (or the local person), from pages of this origin. */
export const signedIn = createMiddleware<PersonEnv>(async (c, next) => {
  const identity = await identify(c.env, c.req.raw);
  switch (identity.is) {
    case 'not_configured':
      return c.json(
        {
          error: 'not_configured',
          text: 'Sign-in is not set up: set ACCESS_TEAM_DOMAIN and ACCESS_AUD to those of your Cloudflare Access application.',
        },
        403,
      );
    case 'nobody':
      return c.json({ error: 'signed_out', text: 'Sign in to go on.' }, 401);
    case 'person':
      if (needsOrigin(c.req.raw) && !isOwnOrigin(c.req.raw)) {
        return c.json({ error: 'origin', text: 'Requests from other sites are refused.' }, 403);
      }
      c.set('person', identity.person);
      return next();
  }
});
