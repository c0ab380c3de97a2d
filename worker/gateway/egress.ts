import type { Env } from '../env.ts';
import { log } from '../platform/log.ts';
import { counted } from './counted.ts';
import type { Leads } from '../../protocol/local-egress.ts';
import { type EgressRequest, type EgressVerdict, isPrivateHost } from './egress-decision.ts';
import { readMirrors } from '../platform/mirrors.ts';
import type { TaskScope } from './pass.ts';
import { type Admitted, REFUSAL_STATUS } from './refusal.ts';

/** What the Task says to a request that leaves its sandbox. */
export type EgressAnswer = {
  scope: Pick<TaskScope, 'taskId' | 'generation'>;
  verdict: EgressVerdict;
};

/** What a request that leaves a sandbox needs of others. */
export type EgressPorts = {
  /** Has the Task decide. */
  ask(asked: EgressRequest): Promise<Admitted<EgressAnswer>>;
  /** Where a name leads: `inside` is an address that is not public. Where the platform reaches none, it never does. */
  leads(hostname: string): Promise<Leads>;
  /** Whether it would come back to this Worker, given whether its host is public. */
  isMainloop(url: URL, isPrivate: boolean): boolean;
  fetch: typeof fetch;
};

const isAllowed = (answered: Admitted<EgressAnswer>) =>
  answered.is === 'ok' && answered.value.verdict.is === 'allowed';

/** Headers between two neighbours (RFC 9110, 7.6.1), and those that belong to the way here. */
const NOT_PASSED = [
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
const OURS = /^(?:x-mainloop-|cf-|x-forwarded-|x-real-ip$)/;

function passedHeaders(headers: Headers): Headers {
  const passed = new Headers(headers);
  const named = (headers.get('connection') ?? '').split(',').map((name) => name.trim());
  for (const name of [...NOT_PASSED, ...named]) if (/^[\w-]+$/.test(name)) passed.delete(name);
  for (const name of headers.keys()) if (OURS.test(name)) passed.delete(name);
  return passed;
}

/** A refusal that a package manager or a person shows as it is. */
function inWords(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    statusText: status === REFUSAL_STATUS.forbidden ? 'Forbidden by Mainloop' : '',
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/**
 * Sends a sandbox's request on where its repository's policy allows it. Bodies stream through, and a
 * redirect is the sandbox's to follow: where it leads is asked for anew.
 *
 * @param request as it came here; `url` is what it asked for there.
 */
export async function forwardEgress(
  env: Pick<Env, 'EGRESS_MIRRORS'>,
  request: Request,
  url: string,
  ports: EgressPorts,
): Promise<Response> {
  if (request.headers.has('upgrade')) {
    return inWords(
      REFUSAL_STATUS.forbidden,
      'WebSockets and other upgrades do not leave this sandbox.',
    );
  }
  const { method } = request;
  const there = URL.parse(url);
  const target =
    there === null ? null : readMirrors('EGRESS_MIRRORS', env.EGRESS_MIRRORS).resolve(there);
  const comesBack = (isPrivate: boolean) => there !== null && ports.isMainloop(there, isPrivate);
  const leadsTo = comesBack(isPrivateHost(there?.hostname ?? '')) ? 'mainloop' : 'anywhere';
  const asked = { method, url, leadsTo } as const;
  let answered = await ports.ask(asked);
  // Only now, since looking a name up tells it to whoever serves it.
  if (isAllowed(answered) && target !== null && target.href === there?.href) {
    const leads = await ports.leads(target.hostname);
    // It may be known in a moment, and lead inside then.
    if (leads === 'nowhere')
      return inWords(502, `${target.host} cannot be reached: its name is not known.`);
    if (leads === 'inside') {
      answered = await ports.ask({ ...asked, leadsTo: comesBack(true) ? 'mainloop' : 'inside' });
    }
  }
  if (answered.is === 'refused') return inWords(REFUSAL_STATUS[answered.error], answered.text);
  const { scope, verdict } = answered.value;
  const { host } = verdict;
  const { taskId, generation } = scope;
  const line = {
    taskId,
    generation,
    host,
    method: there?.protocol === 'dns:' ? 'DNS' : method,
  };
  if (target === null || verdict.is === 'refused') {
    log.warn('gateway.egress_refused', line);
    const text = verdict.is === 'refused' ? verdict.text : 'That is no address.';
    return inWords(REFUSAL_STATUS.forbidden, text);
  }
  let answer: Response;
  try {
    answer = await ports.fetch(target, {
      method,
      headers: passedHeaders(request.headers),
      body: request.body,
      redirect: 'manual',
      signal: request.signal,
    });
  } catch (error) {
    log.warn('gateway.egress_unreachable', { ...line, error: String(error) });
    return inWords(502, `${host} cannot be reached: it does not answer.`);
  }
  const { status, statusText } = answer;
  const done = (bytes: number) => log.info('gateway.egress', { ...line, status, bytes });
  const headers = passedHeaders(answer.headers);
  // What HEAD says of a length is of a body that does not come.
  if (answer.body === null || method === 'HEAD') {
    done(0);
    return new Response(null, { status, statusText, headers });
  }
  // What arrives compressed is counted, and sent, as what it holds.
  if (headers.has('content-encoding')) headers.delete('content-length');
  const length = headers.has('content-length') ? Number(headers.get('content-length')) : null;
  return new Response(counted(answer.body, length, done), { status, statusText, headers });
}
