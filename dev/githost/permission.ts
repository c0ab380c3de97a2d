import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import type { ApiCall } from './mirror.ts';
import type { Answered } from './pull-request-calls.ts';

const PERMISSION = /^\/repos\/[^/]+\/[^/]+\/collaborators\/(?<login>[^/?]+)\/permission$/;
const Told = z.looseObject({ permission: z.string() });

/** GitHub's older base role for each of the emulated API's levels. */
const BASE_ROLES: Record<string, string> = {
  pull: 'read',
  triage: 'read',
  push: 'write',
  maintain: 'write',
};

/** One who may look and comment, and not write to any repository. */
export const GUEST = { token: `ghp_${randomBytes(18).toString('hex')}`, login: 'guest' };

/** What a token is answered that the host does not know. */
export const BAD: Answered = { status: 401, json: { message: 'Bad credentials' } };

/** A guest looks and comments; the emulated API would let them do more. Who may do what is told to those who may push. */
export function isAllowed(request: IncomingMessage, method: string, target: string): boolean {
  const isGuest = request.headers.authorization?.endsWith(` ${GUEST.token}`) ?? false;
  const looks = method === 'GET' && !PERMISSION.test(target);
  return !isGuest || looks || (method === 'POST' && target.endsWith('/comments'));
}

/**
 * What somebody may do to a repository, in GitHub's words: the emulated API has others, and knows
 * collaborators only, where to a public repository everybody has `read`. Null for all other calls.
 */
export async function permissionAnswer(
  call: ApiCall,
  method: string,
  target: string,
): Promise<Answered | null> {
  const login = method === 'GET' ? PERMISSION.exec(target)?.groups?.login : undefined;
  if (login === undefined) return null;
  const known = await call('GET', target);
  const told = Told.safeParse(known.json);
  if (known.status === 200 && told.success) {
    const permission = BASE_ROLES[told.data.permission] ?? told.data.permission;
    return { status: 200, json: { ...told.data, permission } };
  }
  const user = await call('GET', `/users/${login}`);
  if (user.status !== 200) return { status: 404, json: { message: 'Not Found' } };
  return { status: 200, json: { permission: 'read', role_name: 'read', user: user.json } };
}
