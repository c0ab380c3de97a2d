import { type JWTVerifyGetKey, createRemoteJWKSet, jwtVerify } from 'jose';
import * as z from 'zod/mini';

/** A verified person. `expiresAt` is when the sign-in ends (ms), null for the local person. */
export type Person = { id: string; email: string; expiresAt: number | null };

export type AccessSettings = { teamDomain: string; audience: string };

const Claims = z.object({
  sub: z.string().check(z.minLength(1), z.maxLength(300)),
  email: z.optional(z.string()),
  exp: z.int(),
});

/** Clocks of two machines are not the same to the second. */
const CLOCK_TOLERANCE_S = 5;

/** `team.cloudflareaccess.com`, or an origin with its scheme. */
export function teamOrigin(teamDomain: string): string {
  return new URL(teamDomain.includes('://') ? teamDomain : `https://${teamDomain}`).origin;
}

const keySets = new Map<string, JWTVerifyGetKey>();

/** One key set a team for the isolate's life: jose fetches it again when a key id is new to it. */
function keysOf(origin: string): JWTVerifyGetKey {
  const known = keySets.get(origin);
  if (known !== undefined) return known;
  const keys = createRemoteJWKSet(new URL('/cdn-cgi/access/certs', origin), {
    cooldownDuration: 1_000,
    timeoutDuration: 5_000,
  });
  keySets.set(origin, keys);
  return keys;
}

/**
 * The person whom Cloudflare Access vouches for, or null. Only RS256 with a key of the team's own;
 * keys named by the token itself (`jku`, `jwk`) are never used.
 * https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/
 */
export async function verifyAccess(
  token: string,
  { teamDomain, audience }: AccessSettings,
  keys: JWTVerifyGetKey = keysOf(teamOrigin(teamDomain)),
): Promise<Person | null> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['RS256'],
      issuer: teamOrigin(teamDomain),
      audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['exp', 'sub'],
    });
    const claims = Claims.safeParse(payload);
    if (!claims.success) return null;
    const { sub, email, exp } = claims.data;
    return { id: sub, email: email ?? sub, expiresAt: exp * 1_000 };
  } catch {
    return null;
  }
}
