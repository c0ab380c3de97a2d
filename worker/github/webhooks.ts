import { Hono } from 'hono';
import * as z from 'zod/mini';
import { RepositoryName } from '../../protocol/ids.ts';
import { boundedText } from '../platform/http.ts';
import type { Env } from '../env.ts';
import { log } from '../platform/log.ts';
import { UNSIGNED_NAME, fanOutName } from './webhook-fan-out.ts';
import { isSigned } from './webhook.ts';

/** GitHub sends no more than 25 MB; what is read here needs far less. */
const BODY_MAX_BYTES = 5_000_000;
const Event = z.object({ repository: z.object({ full_name: RepositoryName }) });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Anyone can send such deliveries: an isolate writes no more of them down. */
const NOTED_EVERY_MS = 5_000;
let notedAt = 0;

async function noteUnsigned({ WEBHOOK_FAN_OUT: fanOuts }: Env, now: number): Promise<void> {
  if (now < notedAt + NOTED_EVERY_MS) return;
  notedAt = now;
  await fanOuts.get(fanOuts.idFromName(UNSIGNED_NAME)).noteUnsigned(now);
}

/** What the git host tells by itself. Believed only with a signature, and then only as "look now". */
export const webhooks = new Hono<{ Bindings: Env }>().post('/webhooks/github', async (c) => {
  const { GITHUB_WEBHOOK_SECRET: secret } = c.env;
  if (!secret) {
    return c.json({ error: 'not_configured', text: 'GITHUB_WEBHOOK_SECRET is not set.' }, 404);
  }
  const body = await boundedText(c.req.raw, BODY_MAX_BYTES);
  if (body === null) {
    return c.json({ error: 'too_large', text: 'That is too large for an event.' }, 413);
  }
  const signature = c.req.header('x-hub-signature-256');
  if (signature === undefined || !(await isSigned(body, signature, secret))) {
    log.warn('webhook.not_signed', { delivery: c.req.header('x-github-delivery')?.slice(0, 100) });
    // Not for whoever only tries: what a host with another secret sends looks like a delivery.
    if (signature !== undefined) await noteUnsigned(c.env, Date.now());
    return c.json({ error: 'unauthorized', text: 'The signature is missing or wrong.' }, 401);
  }
  const event = Event.safeParse(parseJson(body));
  if (!event.success) {
    // A ping of an organisation, say: signed, and of no repository.
    return c.json({ done: 'ignored' }, 202);
  }
  const name = fanOutName(event.data.repository.full_name);
  // Known by what it says, as its signature does: its id in a header is signed by nobody.
  const answer = await c.env.WEBHOOK_FAN_OUT.get(c.env.WEBHOOK_FAN_OUT.idFromName(name)).poke(
    signature,
  );
  return c.json({ done: answer }, 202);
});
