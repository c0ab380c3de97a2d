import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Mountable,
  type ServerInstance,
  createServer,
  handleMessages,
} from '@copilotkit/aimock';
import { answer } from './answer.ts';
import { type PaceOptions, USUAL_PACE, streamOf } from './pace.ts';
import { type RequestKind, kindOf } from './wire/kind.ts';
import { tokensIn, tokensOf } from './wire/reply.ts';
import { readCall } from './wire/request.ts';

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

export type OfflineModelOptions = Partial<PaceOptions> & {
  /** Any free port when absent. */
  port?: number;
  log(line: string): void;
};

const MESSAGES_PATH = '/v1/messages';
const BODY_MAX_BYTES = 30_000_000;
const REQUESTS_KEPT = 10_000;
/** aimock keeps whole bodies: enough for a look at what happened last, not more. */
const JOURNAL_ENTRIES = 20;

async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) return null;
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  sendJson(response, status, { type: 'error', error: { type, message } });
}

/**
 * Starts the stand-in for the models on 127.0.0.1: the Messages API with streaming, tool use and
 * token counts. aimock serves and streams; what is said is worked out here from the request alone.
 * Its own matching is bypassed because it drops messages of the role `system`, in which Claude Code
 * says where it is and what the person said meanwhile.
 */
export async function startOfflineModel(options: OfflineModelOptions): Promise<OfflineModel> {
  const { tokensPerSecond, timeToFirstTokenMs, workerStepMs } = options;
  const pace: PaceOptions = {
    tokensPerSecond: tokensPerSecond ?? USUAL_PACE.tokensPerSecond,
    timeToFirstTokenMs: timeToFirstTokenMs ?? USUAL_PACE.timeToFirstTokenMs,
    workerStepMs: workerStepMs ?? USUAL_PACE.workerStepMs,
  };
  const seen: ModelRequest[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse, path: string) {
    const at = Date.now();
    const raw = await readBody(request);
    if (raw === null) {
      return sendError(response, 413, 'request_too_large', 'The request is too large.');
    }
    const call = readCall(parseJson(raw));
    if (call === null) {
      return sendError(response, 400, 'invalid_request_error', 'This is no Messages API request.');
    }
    const inputTokens = tokensIn(raw);
    if (path === '/count_tokens') return sendJson(response, 200, { input_tokens: inputTokens });

    const kind = kindOf(call);
    const reply = answer(kind, call);
    const outputTokens = tokensOf(reply);
    seen.push({ at, model: call.model, kind, usage: { inputTokens, outputTokens } });
    if (seen.length > REQUESTS_KEPT) seen.shift();
    const tools = reply.calls.map(({ name }) => name).join(', ') || 'text';
    options.log(`${kind} ${call.model} in=${inputTokens} out=${outputTokens} -> ${tools}`);

    const fixture = {
      match: {},
      response: {
        // An empty text block is one that the real API would refuse to take back.
        ...((reply.text !== '' || reply.calls.length === 0) && { content: reply.text }),
        ...(reply.calls.length > 0 && {
          toolCalls: reply.calls.map(({ name, input }) => ({
            name,
            arguments: JSON.stringify(input),
          })),
        }),
        usage: { input_tokens: inputTokens, output_tokens: outputTokens },
      },
      ...streamOf(kind, reply, pace),
    };
    await handleMessages(
      request,
      response,
      raw,
      [fixture],
      server.journal,
      server.defaults,
      () => {},
    );
  }

  const messages: Mountable = {
    async handleRequest(request, response, path) {
      if (request.method !== 'POST' || (path !== '/' && path !== '/count_tokens')) return false;
      try {
        await handle(request, response, path);
      } catch (error) {
        options.log(`failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
        if (!response.headersSent) {
          sendError(response, 500, 'api_error', 'The offline model failed. Its log says more.');
        } else response.destroy();
      }
      return true;
    },
  };

  const server: ServerInstance = await createServer(
    [],
    { host: '127.0.0.1', port: options.port ?? 0, journalMaxEntries: JOURNAL_ENTRIES },
    [{ path: MESSAGES_PATH, handler: messages }],
  );
  return {
    url: server.url,
    apiKey: 'offline',
    requests: () => seen,
    stop: () =>
      new Promise((resolve) => {
        server.server.close(() => resolve());
        server.server.closeAllConnections();
      }),
  };
}
