import * as z from 'zod/mini';
import type { Pass } from './pass.ts';

/**
 * A task token: `mlt.<id of the Task object>.<generation>.<secret>`. It opens the gateway for this
 * task's newest sandbox, as long as that works, and nothing else.
 */
const TaskToken = z.string().check(z.regex(/^mlt\.[0-9a-f]{64}\.[1-9]\d{0,8}\.[A-Za-z0-9_-]{43}$/));

/** Null for anything that is not shaped like a task token. */
export function parseToken(text: string | null): Pass | null {
  const parsed = TaskToken.safeParse(text);
  if (!parsed.success) return null;
  const [, objectId = '', generation = '', secret = ''] = parsed.data.split('.');
  return { objectId, generation: Number(generation), secret };
}

export function formatToken(pass: Pass): string {
  return `mlt.${pass.objectId}.${pass.generation}.${pass.secret}`;
}

/** The token that a request carries: as a bearer, as an API key, or as git's password. */
export function tokenOf(headers: Headers): string | null {
  const authorization = headers.get('authorization') ?? '';
  const [scheme = '', value = ''] = authorization.split(' ', 2);
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic':
      try {
        return atob(value).split(':').slice(1).join(':');
      } catch {
        return null;
      }
    default:
      return headers.get('x-api-key');
  }
}

/** 256 random bits, base64url. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Compares without telling by its time where the texts differ. */
export function sameSecret(one: string, other: string): boolean {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const [a, b] = [bytes(one), bytes(other)];
  return a.byteLength === b.byteLength && crypto.subtle.timingSafeEqual(a, b);
}
