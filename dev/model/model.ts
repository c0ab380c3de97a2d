import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Mountable, createServer, handleMessages } from '@copilotkit/aimock';
import { type RequestKind, answer } from './answer.ts';
import { type Pace, USUAL_PACE, streamOf } from './pace.ts';
import { type Reply, readCall, tokensIn, tokensOf } from './wire.ts';

/** One request that was answered. */
export type ModelRequest = {
  /** When it came, in milliseconds since 1970. */
  at: number;
  /** The model that was asked for on the wire. */
  model: string;
  kind: RequestKind;
  /** Tokens as reported in the answer's `usage`. */
  usage: { inputTokens: number; outputTokens: number };
};

export type OfflineModel = {
  /** ANTHROPIC_BASE_URL, without a trailing slash. */
  url: string;
  /** A key that it accepts; it accepts any. */
  apiKey: string;
  /** The requests seen, oldest first; after `REQUESTS_KEPT` the oldest are forgotten. */
  requests(): readonly ModelRequest[];
  /** Ends it at once, answers in progress included. */
  stop(): Promise<void>;
};

export type OfflineModelOptions = Partial<Pace> & {
  /** Any free port when absent. */
  port?: number;
  log(line: string): void;
};

const REQUESTS_KEPT = 10_000;
/** aimock keeps whole bodies: enough for a look at what happened last, not more. */
const JOURNAL_ENTRIES = 20;

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  sendJson(response, status, { type: 'error', error: { type, message } });
}

/** An answer in aimock's terms. An empty text block is one that the real API would refuse to take back. */
function contentOf({ text: content, calls }: Reply) {
  const toolCalls = calls.map(({ name, input }) => ({ name, arguments: JSON.stringify(input) }));
  return calls.length === 0 ? { content } : { toolCalls, ...(content !== '' && { content }) };
}

/**
 * Starts the stand-in for the models on 127.0.0.1: the Messages API with streaming, tool use and
 * token counts. aimock serves and streams; what is said is worked out here from the request alone.
 * Its own matching is bypassed because it drops messages of the role `system`, in which Claude Code
 * says where it is and what the person said meanwhile.
 */
export async function startOfflineModel(options: OfflineModelOptions): Promise<OfflineModel> {
  const pace = { ...USUAL_PACE, ...options };
  const seen: ModelRequest[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse, path: string) {
    const at = Date.now();
    const raw = await text(request);
    const call = readCall(raw);
    if (call === null) return sendError(response, 400, 'invalid_request_error', 'No request.');
    const inputTokens = tokensIn(raw);
    if (path === '/count_tokens') return sendJson(response, 200, { input_tokens: inputTokens });

    const { kind, reply } = answer(call);
    const outputTokens = tokensOf(reply);
    seen.push({ at, model: call.model, kind, usage: { inputTokens, outputTokens } });
    if (seen.length > REQUESTS_KEPT) seen.shift();
    const tools = reply.calls.map(({ name }) => name).join(', ') || 'text';
    options.log(`${kind} ${call.model} in=${inputTokens} out=${outputTokens} -> ${tools}`);

    const usage = { input_tokens: inputTokens, output_tokens: outputTokens };
    const fixture = {
      match: {},
      response: { ...contentOf(reply), usage },
      ...streamOf(kind, reply.calls.length, pace),
    };
    const { journal, defaults } = server;
    await handleMessages(request, response, raw, [fixture], journal, defaults, () => {});
  }

  const messages: Mountable = {
    async handleRequest(request, response, path) {
      if (request.method !== 'POST' || !['/', '/count_tokens'].includes(path)) return false;
      try {
        await handle(request, response, path);
      } catch (error) {
        options.log(`failed: ${error instanceof Error ? error.stack : error}`);
        if (response.headersSent) response.destroy();
        else sendError(response, 500, 'api_error', 'The offline model failed. Its log says more.');
      }
      return true;
    },
  };
  const server = await createServer(
    [],
    { host: '127.0.0.1', port: options.port ?? 0, journalMaxEntries: JOURNAL_ENTRIES },
    [{ path: '/v1/messages', handler: messages }],
  );
  return {
    url: server.url,
    apiKey: `sk-offline-${randomBytes(24).toString('base64url')}`,
    requests: () => seen,
    stop: () =>
      new Promise((resolve) => {
        server.server.close(() => resolve());
        server.server.closeAllConnections();
      }),
  };
}
