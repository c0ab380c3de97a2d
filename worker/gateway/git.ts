import { GIT_WORD } from '../../protocol/git-word.ts';
import { PUSH_EVIDENCE_HEADER } from '../../protocol/push-evidence.ts';
import type { Env } from '../env.ts';
import type { Credentials } from '../github/credentials.ts';
import { sentenceOf } from '../github/failures.ts';
import { log } from '../platform/log.ts';
import type { TaskScope } from './pass.ts';
import { PUSH_HEAD_MAX_BYTES, type RefCommand, pushesOnly, readPushHead } from './pkt-line.ts';
import { keepsOthersWork } from './push-evidence.ts';
import { type Admitted, ok, refuse } from './refusal.ts';

type GitEnv = Pick<Env, 'GITHUB_URL'>;

const SERVICES = new Set(['git-upload-pack', 'git-receive-pack']);
/** A push without commands. */
const FLUSH = '0000';
/** Request headers that smart HTTP uses; all others stay here. */
const PASSED_HEADERS = ['accept', 'content-type', 'content-encoding', 'git-protocol', 'user-agent'];

/** The part of the smart HTTP protocol that a path and a method ask for; null for anything else. */
function serviceOf(method: string, rest: string, query: URLSearchParams): string | null {
  if (method === 'GET' && rest === 'info/refs') {
    const service = query.get('service') ?? '';
    return SERVICES.has(service) ? `info/refs?service=${service}` : null;
  }
  return method === 'POST' && SERVICES.has(rest) ? rest : null;
}

/** The ref commands of a push, and the body with them in front again. */
async function inspectPush(
  body: ReadableStream<Uint8Array>,
): Promise<{ head: Uint8Array; rest: ReadableStream<Uint8Array> } | null> {
  const reader = body.getReader();
  let head = new Uint8Array(0);
  for (;;) {
    const state = readPushHead(head);
    if (state.is === 'malformed') return null;
    if (state.is === 'complete') break;
    const { done, value } = await reader.read();
    if (done || head.byteLength > PUSH_HEAD_MAX_BYTES) return null;
    const longer = new Uint8Array(head.byteLength + value.byteLength);
    longer.set(head);
    longer.set(value, head.byteLength);
    head = longer;
  }
  reader.releaseLock();
  return { head, rest: body };
}

async function keepAll(commands: RefCommand[], evidence: string | null): Promise<boolean> {
  for (const command of commands) if (!(await keepsOthersWork(command, evidence))) return false;
  return true;
}

async function allCleared(
  commands: RefCommand[],
  isCleared: (push: RefCommand) => Promise<boolean>,
): Promise<boolean> {
  for (const command of commands) if (!(await isCleared(command))) return false;
  return true;
}

/** The bytes that were read ahead, then the rest. */
function joined(head: Uint8Array, rest: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  void (async () => {
    const writer = writable.getWriter();
    await writer.write(head);
    writer.releaseLock();
    await rest.pipeTo(writable);
  })().catch(() => {
    // The host went away: its answer, or the lack of one, tells the caller.
  });
  return readable;
}

/**
 * Passes git's smart HTTP on to the task's one repository with the real token put in. A push may
 * create or update the task's branch, dropping no commit of a person's, once its task has been shown
 * what it brings, and do nothing else.
 */
export async function forwardGit(
  env: GitEnv,
  scope: TaskScope,
  request: Request,
  target: { repository: string; rest: string },
  reach: {
    /** Whether the task has cleared this push; see `POST /gateway/push`. */
    isCleared(push: Pick<RefCommand, 'before' | 'after'>): Promise<boolean>;
    credentials: Pick<Credentials, 'of' | 'refused'>;
    fetch: typeof fetch;
  },
): Promise<Admitted<Response>> {
  const ids = {
    taskId: scope.taskId,
    generation: scope.generation,
    repository: target.repository,
  };
  const refused = (text: string) => {
    log.warn('gateway.git_refused', { ...ids, why: text });
    return refuse('forbidden', text);
  };
  if (target.repository !== scope.repository) {
    return refused('This token opens another repository only.');
  }
  const service = serviceOf(request.method, target.rest, new URL(request.url).searchParams);
  if (service === null) return refused('Only clone, fetch and push are possible here.');

  let body: ReadableStream<Uint8Array> | null = request.body;
  if (service === 'git-receive-pack' && body !== null) {
    if (request.headers.has('content-encoding')) return refused('A push may not be compressed.');
    const push = await inspectPush(body);
    const head = push === null ? null : readPushHead(push.head);
    if (push === null || head?.is !== 'complete') return refused('That is not a push.');
    if (head.commands.length === 0) {
      // Before a push of more than 1 MiB git asks with a lone flush whether it may: that changes nothing.
      body = new Response(FLUSH).body;
    } else if (scope.branch === scope.baseBranch || !pushesOnly(head.commands, scope.branch)) {
      return refused(`This token may push to ${scope.branch} only, and delete nothing.`);
    } else if (!(await keepAll(head.commands, request.headers.get(PUSH_EVIDENCE_HEADER)))) {
      return refused(
        `Nothing shows that this push keeps what others have on ${scope.branch}. The runner pushes once the work is done.`,
      );
    } else if (!(await allCleared(head.commands, reach.isCleared))) {
      return refused(
        `Nobody was shown what this push brings to ${scope.branch}. The runner pushes once the work is done.`,
      );
    } else {
      body = joined(push.head, push.rest);
    }
  }

  const headers = new Headers();
  for (const name of PASSED_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const url = `${env.GITHUB_URL}/${scope.repository}.git/${service}`;
  const purpose = service.endsWith('git-receive-pack') ? 'push' : 'fetch';
  try {
    for (let isSecond = false; ; isSecond = true) {
      const given = await reach.credentials.of(scope.repository, purpose);
      if (given.is === 'failed') return ok(saidNo(sentenceOf(given.failure, scope.repository)));
      const credential = given.value;
      if (credential !== null) {
        headers.set('authorization', `Basic ${btoa(`x-access-token:${credential.token}`)}`);
      }
      const answer = await reach.fetch(url, {
        method: request.method,
        headers,
        body,
        // Followed, a redirect would carry the token to wherever it points.
        redirect: 'manual',
      });
      if (answer.status === 401 && credential !== null) {
        // Each exchange begins with a request that has no body, and can be sent again as another.
        if (reach.credentials.refused(credential) && !isSecond && body === null) continue;
        await answer.body?.cancel();
        log.warn('gateway.git_refused', { ...ids, why: credential.onRefusal });
        return ok(saidNo(credential.onRefusal));
      }
      return ok(passedOn(answer));
    }
  } catch (error) {
    log.error('gateway.git_unreachable', error, { taskId: scope.taskId });
    return ok(new Response('The git host cannot be reached.', { status: 502 }));
  }
}

/** git shows a plain text to whoever runs it, and asks for no password after a 403. */
function saidNo(sentence: string): Response {
  return new Response(`${GIT_WORD}${sentence}\n`, {
    status: 403,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}

function passedOn(answer: Response): Response {
  const passed = new Headers();
  for (const name of ['content-type', 'cache-control']) {
    const value = answer.headers.get(name);
    if (value !== null) passed.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers: passed });
}
