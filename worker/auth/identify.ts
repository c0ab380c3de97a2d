import type { Env } from '../env.ts';
import { type Person, verifyAccess } from './access.ts';

export type Identity =
  | { is: 'person'; person: Person }
  | { is: 'nobody' }
  | { is: 'not_configured' };

type AuthEnv = Pick<Env, 'ACCESS_TEAM_DOMAIN' | 'ACCESS_AUD' | 'LOCAL_PERSON'>;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** True for an address that only this machine can have asked. */
export function isLoopback(url: string): boolean {
  return LOOPBACK.has(new URL(url).hostname);
}

/**
 * Who asks. Cloudflare Access decides where it is configured; the fixed local person counts on
 * loopback only and only when the Worker was told so; with neither, nobody comes in.
 */
export async function identify(env: AuthEnv, request: Request): Promise<Identity> {
  const { ACCESS_TEAM_DOMAIN: teamDomain, ACCESS_AUD: audience, LOCAL_PERSON: local } = env;
  if (teamDomain !== undefined && audience !== undefined) {
    const token = request.headers.get('cf-access-jwt-assertion');
    const person = token === null ? null : await verifyAccess(token, { teamDomain, audience });
    return person === null ? { is: 'nobody' } : { is: 'person', person };
  }
  if (teamDomain !== undefined || audience !== undefined || local === undefined) {
    return { is: 'not_configured' };
  }
  if (!isLoopback(request.url)) return { is: 'nobody' };
  return { is: 'person', person: { id: `local:${local}`, email: local, expiresAt: null } };
}
