import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import * as z from 'zod/mini';
import type { Secrets } from './installation.ts';
import { reasonOf } from './reason.ts';
import { Stop } from './stop.ts';
import type { Tried } from './tokens.ts';

const TIMEOUT_MS = 10_000;
/** What an installation has to grant, by GitHub's names. The Worker asks each of its tokens for a part of it. */
export const APP_PERMISSIONS: Record<string, 'read' | 'write'> = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'read',
  statuses: 'read',
};

const Self = z.object({ name: z.string(), html_url: z.string() });
const Installations = z.array(
  z.object({
    html_url: z.string(),
    account: z.nullish(z.object({ login: z.optional(z.string()), slug: z.optional(z.string()) })),
    permissions: z.record(z.string(), z.string()),
    suspended_at: z.nullish(z.string()),
  }),
);

/** The App of these secrets; null where there is none, or a part of one. */
export function appOf(secrets: Secrets): { id: string; key: string } | null {
  const { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: key } = secrets;
  return id === undefined || key === undefined ? null : { id, key };
}

/** True where these names of secrets are enough to work at GitHub as an App. */
export const haveApp = (names: readonly string[]): boolean =>
  names.includes('GITHUB_APP_ID') && names.includes('GITHUB_APP_PRIVATE_KEY');

/** A key, by its text or its file, on one line, as the file of secrets holds it. */
export function keyInOneLine(given: string): string {
  const text = given.includes('-----BEGIN') ? given : readKeyFile(given);
  const line = text.trim().replaceAll(/\r?\n/g, '\\n');
  try {
    createPrivateKey(line.replaceAll('\\n', '\n'));
  } catch {
    throw new Stop(
      '--github-app-private-key is no private key without a passphrase. Give the .pem file that GitHub made for the App, as it is.',
    );
  }
  return line;
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Stop(`The key of the GitHub App cannot be read from ${file}: ${reasonOf(error)}.`);
  }
}

async function jwtOf(id: string, key: string, now: number): Promise<string | null> {
  try {
    return await new SignJWT()
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(id)
      .setIssuedAt(Math.floor(now / 1_000) - 60)
      .setExpirationTime(Math.floor(now / 1_000) + 300)
      .sign(createPrivateKey(key.replaceAll('\\n', '\n')));
  } catch {
    return null;
  }
}

function lacking(granted: Record<string, string>): string[] {
  return Object.entries(APP_PERMISSIONS)
    .filter(([name, level]) => ![level, 'write', 'admin'].includes(granted[name] ?? ''))
    .map(([name, level]) => `${name.replaceAll('_', ' ')} (${level})`);
}

/** Whether the key is the App's, and the App is installed with all that it needs. */
export async function tryGitHubApp(
  api: string,
  { id, key }: { id: string; key: string },
  now: number,
): Promise<Tried> {
  const jwt = await jwtOf(id, key, now);
  if (jwt === null) {
    return { is: 'refused', text: 'GITHUB_APP_PRIVATE_KEY is not the RSA key of a GitHub App.' };
  }
  const headers = {
    authorization: `Bearer ${jwt}`,
    accept: 'application/vnd.github+json',
    'user-agent': 'mainloop',
  };
  const ask = (path: string) =>
    fetch(`${api}${path}`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  try {
    const own = await ask('/app');
    if (own.status === 401) {
      const text = `GitHub refuses the key of the GitHub App ${id}: it is another App’s, or was deleted there.`;
      return { is: 'refused', text };
    }
    if (own.status === 404) return { is: 'refused', text: `GitHub knows no App ${id}.` };
    if (!own.ok) return { is: 'unknown', text: `${api} answered with ${own.status}.` };
    const app = Self.parse(await own.json());
    const list = await ask('/app/installations?per_page=100');
    if (!list.ok) return { is: 'unknown', text: `${api} answered with ${list.status}.` };
    return installed(app, Installations.parse(await list.json()));
  } catch (error) {
    return { is: 'unknown', text: `${api} does not answer: ${reasonOf(error)}.` };
  }
}

function installed(
  { name, html_url: url }: z.infer<typeof Self>,
  all: z.infer<typeof Installations>,
): Tried {
  if (all.length === 0) {
    const text = `The GitHub App ${name} is installed nowhere: ${url}/installations/new`;
    return { is: 'doubtful', text };
  }
  for (const { account, permissions, suspended_at: suspended, html_url: where } of all) {
    const whose = account?.login ?? account?.slug ?? 'somebody';
    if (suspended != null) {
      const text = `The installation of the GitHub App ${name} on ${whose} is suspended: ${where}`;
      return { is: 'doubtful', text };
    }
    const missing = lacking(permissions);
    if (missing.length > 0) {
      const text = `The installation of the GitHub App ${name} on ${whose} lacks permissions: ${missing.join(', ')}. ${where}`;
      return { is: 'doubtful', text };
    }
  }
  return { is: 'good' };
}
