import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HostApp } from './app.ts';
import { GUEST } from './permission.ts';

/** The token that the emulated API knows for its administrator. */
export const TOKEN = `ghp_${randomBytes(18).toString('hex')}`;

/** The token of a request, and how it was said; empty where there is none. */
export function tokenOf(request: IncomingMessage): { scheme: string; token: string } {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
  const said = scheme.toLowerCase();
  if (said !== 'basic') return { scheme: said, token: value };
  const text = Buffer.from(value, 'base64').toString();
  return { scheme: said, token: text.slice(text.indexOf(':') + 1) };
}

/** True for who owns the repositories, and for the App where it is installed. */
export function mayUseGit(
  request: IncomingMessage,
  app: HostApp | null,
  full: string,
  pushes: boolean,
): boolean {
  const { token } = tokenOf(request);
  return token === TOKEN || (app?.opensGit(token, full, pushes) ?? false);
}

/** The same by the API, which takes no password. */
export function mayCall(
  request: IncomingMessage,
  app: HostApp | null,
  method: string,
  target: string,
): boolean {
  const { scheme, token } = tokenOf(request);
  if (scheme !== 'bearer' && scheme !== 'token') return false;
  return token === TOKEN || (app?.mayCall(token, method, target) ?? false);
}

/** True for whoever shows a token that somebody has, and for who shows none. What the App shows it checks itself. */
export function isKnown(request: IncomingMessage, app: HostApp | null): boolean {
  const { token } = tokenOf(request);
  const isApps = app !== null && /^(?:ghs_|eyJ)/.test(token);
  return isApps || ['', TOKEN, GUEST.token].includes(token);
}
