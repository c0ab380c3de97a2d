import { createHmac } from 'node:crypto';
import type { Zone } from './cloudflare/account.ts';
import { WEBHOOK_PATH } from './names.ts';
import type { IsNamed } from './name-servers.ts';
import { reasonOf } from './reason.ts';

const TIMEOUT_MS = 10_000;
const LOGIN = '/cdn-cgi/access/login';

/** How the installation answers from outside. */
export type Live =
  | { is: 'good' }
  /** One plain sentence, and the mend where it is known already. */
  | { is: 'wrong'; text: string; mend: string | null }
  /** It could not be looked at. */
  | { is: 'away'; text: string };

/** Looks at the live address as a stranger, and as the git host. */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>;

export function askAt(address: string): Ask {
  return (path, init) =>
    fetch(`${address}${path}`, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
}

const wrong = (text: string, mend: string | null = null): Live => ({ is: 'wrong', text, mend });
const away = (why: string): Live => ({ is: 'away', text: `It does not answer: ${why}.` });

/** A look at a name that is not there yet would have the machine's resolver remember that it is not. */
export async function hasAddress(
  isNamed: IsNamed,
  /** Where it is reached when not by its host name. */
  otherwise: string | null,
  host: string,
  zone: Zone | null,
): Promise<Live> {
  const is = otherwise !== null || (await isNamed(host, zone?.name_servers ?? []));
  return is === false ? away(`${host} has no address yet`) : { is: 'good' };
}

/**
 * A stranger must be sent to Access's sign-in, for the pages as for the API, and there for the
 * application whose tag the Worker believes: Access names its own as `kid` in the address.
 */
export async function turnsStrangersAway(
  ask: Ask,
  team: string,
  aud: string | null,
): Promise<Live> {
  for (const path of ['/', '/api/health']) {
    const response = await ask(path).catch(reasonOf);
    if (typeof response === 'string') return away(response);
    const { status } = response;
    const to = response.headers.get('location') ?? '';
    const toLogin = to.includes(LOGIN) && URL.canParse(to) && new URL(to).hostname === team;
    if (status === 302 && toLogin) {
      const kid = new URL(to).searchParams.get('kid');
      if (aud === null || kid === aud || !/^[\w-]+$/.test(kid ?? '')) continue;
      return wrong(
        `Access signs people in for the application ${kid}, and the Worker expects ${aud}: nobody can come in.`,
        `Run \`npm run setup -- --access-aud=${kid}\`.`,
      );
    }
    if (status === 302) return wrong(`${path} leads a stranger to ${to}, not to ${team}.`);
    if (status === 200) return wrong(`${path} answers a stranger: Access is not in front of it.`);
    // Access answers so where an application has no login page.
    if (status === 401 || (status === 403 && path !== '/api/health')) continue;
    if (status >= 500) return away(`${path} is answered with ${status}`);
    return wrong(`${path} answers a stranger with ${status}.`);
  }
  return { is: 'good' };
}

/** As GitHub sends a ping. */
function ping(secret: string): RequestInit {
  const body = JSON.stringify({ zen: 'A setup looks whether it is heard.' });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-delivery': '00000000-0000-4000-8000-000000000000',
      'x-hub-signature-256': `sha256=${signature}`,
    },
  };
}

/**
 * The git host's path passes Access, reaches the Worker, and takes what is signed with this secret.
 * Where that is not known, only whether Access lets it pass can be seen: a wrong signature would be
 * counted as an attempt.
 */
export async function takesWebhooks(ask: Ask, secret: string | null): Promise<Live> {
  const sent = secret === null ? {} : ping(secret);
  const response = await ask(WEBHOOK_PATH, sent).catch(reasonOf);
  if (typeof response === 'string') return away(response);
  const { status } = response;
  if (status === 302) return wrong('Webhooks are stopped by Access.');
  if (status >= 500) return away(`a webhook is answered with ${status}`);
  if (secret === null || status === 202) return { is: 'good' };
  if (status === 401) return wrong('It takes another secret than the one here.');
  if (status === 404) return wrong('Its webhook secret is not set.');
  return wrong(`It is not heard: a webhook is answered with ${status}.`);
}

/** A new host name takes minutes to have an address and a certificate, and a new rule seconds to hold. */
const TRIES_MAX = { away: 30, wrong: 3 };
const PAUSE_MS = 10_000;

/** Looks until it is good, or for as long as it might yet become so. */
export async function untilGood(
  look: () => Promise<Live>,
  pause: (ms: number) => Promise<void>,
): Promise<Live> {
  const tries = { away: 0, wrong: 0 };
  for (;;) {
    const live = await look();
    if (live.is === 'good') return live;
    tries[live.is] += 1;
    if (tries[live.is] >= TRIES_MAX[live.is]) return live;
    await pause(PAUSE_MS);
  }
}
