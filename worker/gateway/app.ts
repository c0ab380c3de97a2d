import { waitUntil } from 'cloudflare:workers';
import { type Context, Hono } from 'hono';
import { CHANGES_HEADER, CHANGES_MAX_BYTES, readCounts } from '../../protocol/changes.ts';
import { BranchName, CommitId, RepositoryName } from '../../protocol/ids.ts';
import { EGRESS_HEADERS, type Leads, LookedUp } from '../../protocol/local-egress.ts';
import { PUSH_SHOWN_MAX_BYTES, PushShown, type PushVerdict } from '../../protocol/power.ts';
import { CheckpointPart, EVENT_BATCH_READ_MAX_BYTES, EventBatch } from '../../protocol/runner.ts';
import { SetupKey, SetupRequest } from '../../protocol/setup.ts';
import { attachmentKey } from '../attachments/kept.ts';
import { credentialsOf } from '../github/credentials.ts';
import { ownTokenOf } from '../github/own-token.ts';
import { boundedJson, boundedText } from '../platform/http.ts';
import { log } from '../platform/log.ts';
import type { Env } from '../env.ts';
import { forwardEgress } from './egress.ts';
import { forwardGit } from './git.ts';
import { forwardModel } from './model.ts';
import { pushChanges } from './push-changes.ts';
import { type Admitted, REFUSAL_STATUS, refuse } from './refusal.ts';
import type { Pass } from './pass.ts';
import { parseToken, sameSecret, tokenOf } from './token.ts';

const MAILBOX_WAIT_MS = 20_000;
/** Largest upload of each part. */
const MAX_BYTES: Record<CheckpointPart, number> = {
  bundle: 100_000_000,
  transcript: 100_000_000,
  setup: 100_000_000,
  changes: CHANGES_MAX_BYTES,
};
const TOO_MUCH_SHOWN =
  'Your commits change more than a person can look at among the paths that act by themselves (.github, .mainloop, .claude and their like). Change less there, or leave that to a person.';
const SETUP_REQUEST_MAX_BYTES = 1_000;
const SESSION_ID = /^[0-9a-f-]{36}$/;

type GatewayContext = Context<{ Bindings: Env }>;

function answerRefusal(
  c: GatewayContext,
  { error, text }: { error: keyof typeof REFUSAL_STATUS; text: string },
) {
  const headers: Record<string, string> =
    error === 'unauthorized' ? { 'www-authenticate': 'Basic realm="mainloop"' } : {};
  return c.json({ error, text }, REFUSAL_STATUS[error], headers);
}

function answer<T>(c: GatewayContext, result: Admitted<T>, give: (value: T) => Response): Response {
  return result.is === 'refused' ? answerRefusal(c, result) : give(result.value);
}

/** The Task that a token names, and the token's claim; null when there is no such token. */
function taskOf({ env, req }: GatewayContext, token = tokenOf(req.raw.headers)) {
  const pass: Pass | null = parseToken(token);
  if (pass === null) return null;
  try {
    return { pass, task: env.TASK.get(env.TASK.idFromString(pass.objectId)) };
  } catch {
    return null;
  }
}

const NOTHING_HERE = { error: 'not_found', text: 'There is nothing here for a sandbox.' } as const;
const UNAUTHORIZED = { error: 'unauthorized', text: 'This token opens nothing.' } as const;

/**
 * All that a sandbox can reach, entered with the task's token. On Cloudflare the sandbox's requests
 * to `gateway.internal` are handed to this same app.
 */
export const gateway = new Hono<{ Bindings: Env }>()
  .basePath('/gateway')
  .get('/brief', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    return answer(c, await at.task.brief(at.pass), (brief) => c.json(brief));
  })
  .post('/events', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    const text = await boundedText(c.req.raw, EVENT_BATCH_READ_MAX_BYTES);
    if (text === null)
      return answerRefusal(c, { error: 'too_large', text: 'That batch is too large.' });
    const batch = EventBatch.safeParse(parseJson(text));
    if (!batch.success) return answerRefusal(c, { error: 'malformed', text: 'That is no batch.' });
    return answer(c, await at.task.receive(at.pass, batch.data), (receipt) => c.json(receipt));
  })
  .get('/mailbox', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    return answer(c, await at.task.mailbox(at.pass, MAILBOX_WAIT_MS), (mailbox) => c.json(mailbox));
  })
  .post('/setup', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    const request = SetupRequest.safeParse(await boundedJson(c.req.raw, SETUP_REQUEST_MAX_BYTES));
    if (!request.success)
      return answerRefusal(c, { error: 'malformed', text: 'That is no such request.' });
    return answer(c, await at.task.setup(at.pass, request.data), (given) => c.json(given));
  })
  .post('/turn', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    return answer(c, await at.task.nextTurn(at.pass), (turn) => c.json(turn));
  })
  .put('/checkpoints/:part', async (c) => {
    const at = taskOf(c);
    const part = CheckpointPart.safeParse(c.req.param('part'));
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    const admitted = await at.task.admit(at.pass);
    if (admitted.is === 'refused') return answerRefusal(c, admitted);
    const news = part.success ? newsOf(part.data, c.req.raw.headers) : null;
    const length = Number(c.req.header('content-length') ?? Number.NaN);
    if (news === null || !Number.isInteger(length) || c.req.raw.body === null) {
      return answerRefusal(c, { error: 'malformed', text: 'That is no checkpoint.' });
    }
    if (length > MAX_BYTES[news.part]) {
      const text = `That may have ${MAX_BYTES[news.part] / 1e6} MB.`;
      return answerRefusal(c, { error: 'too_large', text });
    }
    const opened = await at.task.openCheckpoint(at.pass, news.part);
    if (opened.is === 'refused') return answerRefusal(c, opened);
    const key = opened.value;
    // R2 takes a body of known length only; a body that differs from it fails here.
    await c.env.CHECKPOINTS.put(key, c.req.raw.body.pipeThrough(new FixedLengthStream(length)));
    return answer(c, await at.task.checkpointed(at.pass, key, news), () => c.body(null, 204));
  })
  .get('/checkpoints/:part', async (c) => {
    const at = taskOf(c);
    const part = CheckpointPart.safeParse(c.req.param('part'));
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    const admitted = await at.task.admit(at.pass);
    if (admitted.is === 'refused') return answerRefusal(c, admitted);
    const nothing = { error: 'not_found', text: 'There is no such checkpoint.' } as const;
    if (!part.success) return answerRefusal(c, nothing);
    const kept = await at.task.checkpointKey(at.pass, part.data);
    if (kept.is === 'refused') return answerRefusal(c, kept);
    if (kept.value === null) return answerRefusal(c, nothing);
    const object = await c.env.CHECKPOINTS.get(kept.value);
    return object === null ? answerRefusal(c, nothing) : c.body(object.body);
  })
  .get('/attachments/:id', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    const id = c.req.param('id');
    const admitted = await at.task.admitAttachment(at.pass, id);
    if (admitted.is === 'refused') return answerRefusal(c, admitted);
    const key = await attachmentKey(admitted.value.personId, id);
    const object = key === null ? null : await c.env.CHECKPOINTS.get(key);
    if (object === null) {
      return answerRefusal(c, { error: 'not_found', text: 'There is no such file.' });
    }
    return c.body(object.body, 200, { 'content-type': 'application/octet-stream' });
  })
  .post('/push', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    const admitted = await at.task.admit(at.pass);
    if (admitted.is === 'refused') return answerRefusal(c, admitted);
    const text = await boundedText(c.req.raw, PUSH_SHOWN_MAX_BYTES);
    if (text === null) return c.json({ is: 'refused', text: TOO_MUCH_SHOWN } satisfies PushVerdict);
    const shown = PushShown.safeParse(parseJson(text));
    const changes = shown.success ? await pushChanges(shown.data) : null;
    if (!shown.success || changes === null) {
      return answerRefusal(c, { error: 'malformed', text: 'That does not show what is pushed.' });
    }
    const { commit, before, base } = shown.data;
    const verdict = await at.task.clearPush(at.pass, { commit, before, base, ...changes });
    return answer(c, verdict, (value) => c.json(value));
  })
  .all('/git/:owner/:name/:rest{.+}', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    const admitted = await at.task.admit(at.pass);
    if (admitted.is === 'refused') return answerRefusal(c, admitted);
    const { owner, name, rest } = c.req.param();
    const repository = RepositoryName.safeParse(`${owner}/${name.replace(/\.git$/, '')}`);
    const branch = BranchName.safeParse(admitted.value.branch);
    const result =
      repository.success && branch.success
        ? await forwardGit(
            c.env,
            admitted.value,
            c.req.raw,
            { repository: repository.data, rest },
            {
              isCleared: ({ before, after }) => at.task.isCleared(at.pass, before, after),
              credentials: credentialsOf(
                c.env,
                ownTokenOf(c.env, () => admitted.value.personId),
              ),
              fetch: (input, init) => fetch(input, init),
            },
          )
        : refuse('forbidden', 'This token opens another repository only.');
    return answer(c, result, (response) => response);
  })
  .all('/model/:path{.+}', async (c) => {
    const at = taskOf(c);
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    const admitted = await at.task.admitModel(at.pass);
    if (admitted.is === 'refused') return answerRefusal(c, admitted);
    const result = await forwardModel(
      c.env,
      admitted.value,
      c.req.raw,
      c.req.param('path'),
      {
        reserve: (call) => at.task.reserveCall(at.pass, call),
        goesOn: (id, usage) => waitUntil(at.task.callGoesOn(id, usage)),
        ended: (id, usage) => waitUntil(at.task.callEnded(id, usage)),
        planLimit: (until) => at.task.planLimit(at.pass, until),
        later: waitUntil,
      },
      (input, init) => fetch(input, init),
    );
    return answer(c, result, (response) => response);
  })
  /** What leaves a local sandbox for elsewhere. On Cloudflare `SandboxEgress` gets it without a detour. */
  .all('/egress', async (c) => {
    const { LOCAL_SANDBOX_URL: host, LOCAL_SANDBOX_KEY: key = '' } = c.env;
    const given = (name: keyof typeof EGRESS_HEADERS) => c.req.header(EGRESS_HEADERS[name]) ?? '';
    if (host === undefined || key === '' || !sameSecret(given('key'), key)) {
      return answerRefusal(c, NOTHING_HERE);
    }
    const at = taskOf(c, given('token'));
    if (at === null) return answerRefusal(c, UNAUTHORIZED);
    return forwardEgress(c.env, c.req.raw, given('url'), {
      ask: (asked) => at.task.admitEgress(at.pass, asked),
      leads: (hostname) => lookedUp(host, key, hostname),
      isMainloop: ({ port }, isPrivate) => isPrivate && port === new URL(c.req.url).port,
      fetch: (input, init) => fetch(input, init),
    });
  })
  .all('*', (c) => answerRefusal(c, NOTHING_HERE));

/** The host of local sandboxes looks a name up: the Worker has no name service of its own. */
async function lookedUp(host: string, key: string, hostname: string): Promise<Leads> {
  try {
    const told = await fetch(`${host}/names/${encodeURIComponent(hostname)}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return LookedUp.parse(await told.json()).leads;
  } catch (error) {
    log.error('gateway.name_not_looked_up', error, { hostname });
    // What cannot be told is not let through.
    return 'inside';
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function newsOf(part: CheckpointPart, headers: Headers) {
  switch (part) {
    case 'bundle': {
      const commit = CommitId.safeParse(headers.get('x-mainloop-commit'));
      return commit.success ? { part, commit: commit.data } : null;
    }
    case 'setup': {
      const from = SetupKey.safeParse(headers.get('x-mainloop-setup'));
      return from.success ? { part, from: from.data } : null;
    }
    case 'changes': {
      const counts = readCounts(headers.get(CHANGES_HEADER));
      return counts === null ? null : { part, counts };
    }
    case 'transcript': {
      const sessionId = headers.get('x-mainloop-session') ?? '';
      return SESSION_ID.test(sessionId) ? { part, sessionId } : null;
    }
  }
}
