import * as z from 'zod/mini';
import type { CallBounds } from '../models/prices.ts';

/**
 * The fields of the Messages API that a task's worker may set
 * (https://platform.claude.com/docs/en/api/messages). Not among them: what has the API itself reach
 * out (`mcp_servers`, `container`), what asks other models (`fallbacks`), what is paid by another
 * price list (`speed`, `service_tier`, `inference_geo`), and what speaks for another account.
 */
const FIELDS = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'context_management',
  'cache_control',
  'diagnostics',
  'metadata',
  'stop_sequences',
  'temperature',
  'top_k',
  'top_p',
]);

/** What Claude Code asks for, and what only changes how a model thinks, is cached or is counted. */
const BETAS = new Set([
  'claude-code-20250219',
  'claude-code-side-query-2026-09-29',
  'oauth-2025-04-20',
  'cache-diagnosis-2026-04-07',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'effort-2025-11-24',
  'extended-cache-ttl-2025-04-11',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'mid-conversation-system-2026-04-07',
  'mid-conversation-system-clear-at-2026-08-21',
  'mid-conversation-tool-changes-2026-07-01',
  'per-turn-control-2026-07-01',
  'prompt-caching-scope-2026-01-05',
  'redact-thinking-2026-02-12',
  'structured-outputs-2025-12-15',
  'task-budgets-2026-03-13',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'thinking-token-count-2026-05-13',
  'token-counting-2024-11-01',
]);

/** Tools that the caller carries out; all others run at the API, which has the whole internet. */
const CLIENT_TOOL =
  /^(?:custom|(?:bash|text_editor|memory|computer|computer_toolset|browser_toolset)_\d+)$/;
const BLOCKS = new Set([
  'text',
  'image',
  'document',
  'search_result',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'tool_result',
  'tool_reference',
  'tool_addition',
  'tool_removal',
  'compaction',
]);
/** Where an image or a document may come from: the request itself, never an address or a file at the API. */
const SOURCES = new Set(['base64', 'text', 'content']);
/** By name only: a definition in the middle of a conversation would be a tool that `tools` does not show. */
const TOOL_CHANGE = 'tool_reference';

/** An image never has more, however large it is (https://platform.claude.com/docs/en/build-with-claude/vision). */
const IMAGE_MAX_TOKENS = 5_000;
/** No model reads or writes more at once. */
const CONTEXT_MAX_TOKENS = 1_000_000;
const OUTPUT_MAX_TOKENS = 128_000;

/** A tool's result holds a document, which holds an image: no more than that. */
const DEPTH_MAX = 4;

const Parts = z.optional(z.nullable(z.union([z.string(), z.array(z.unknown())])));
const Fields = z.record(z.string(), z.unknown());
const Asked = z.object({
  model: z.string(),
  max_tokens: z.optional(z.nullable(z.int())),
  messages: z.array(z.looseObject({ content: Parts })),
  system: Parts,
  tools: z.optional(
    z.nullable(z.array(z.looseObject({ type: z.optional(z.nullable(z.string())) }))),
  ),
});
const Typed = z.looseObject({ type: z.string() });
const Source = z.looseObject({
  type: z.string(),
  content: z.optional(z.unknown()),
  data: z.optional(z.unknown()),
});
const Block = z.looseObject({
  type: z.string(),
  source: z.optional(z.unknown()),
  tool: z.optional(Typed),
  content: z.optional(z.unknown()),
  tool_changes: z.optional(z.nullable(z.array(z.unknown()))),
});

export type ModelRequest =
  | { is: 'ok'; model: string; body: string; left: string[]; bounds: CallBounds }
  | { is: 'malformed' }
  | { is: 'forbidden'; text: string };

/**
 * What goes out of a request to the Messages API: the known fields, client tools, and content that
 * the request itself holds. The API would search the web, open addresses, run code and call MCP
 * servers for whoever asks, and so be a way round the sandbox's walls, both in and out.
 *
 * A field that is not known is left out: a newer Claude Code goes on working, without what the field
 * would have given. A tool or a block is refused in words, since without it the rest means something
 * else. The body is always written anew: of a key that stands twice another parser might take the
 * other one.
 */
export function readModelRequest(text: string): ModelRequest {
  const fields = Fields.safeParse(parseJson(text));
  const parsed = Asked.safeParse(fields.data);
  if (!fields.success || !parsed.success) return { is: 'malformed' };
  const asked = parsed.data;
  for (const { type } of asked.tools ?? []) {
    if (type !== undefined && type !== null && !CLIENT_TOOL.test(type)) {
      return forbidden(`a tool that runs at the API (${type.slice(0, 100)})`);
    }
  }
  const images: Images = { count: 0, chars: 0 };
  for (const content of [asked.system, ...asked.messages.map((message) => message.content)]) {
    const why = refusedIn(content, images);
    if (why !== null) return forbidden(why);
  }
  const given = Object.entries(fields.data);
  const known = Object.fromEntries(given.filter(([name]) => FIELDS.has(name)));
  const body = written(known);
  if (body === null) return { is: 'malformed' };
  return {
    is: 'ok',
    model: asked.model,
    body,
    left: given.map(([name]) => name).filter((name) => !FIELDS.has(name)),
    bounds: boundsOf(body, images, asked.max_tokens ?? OUTPUT_MAX_TOKENS),
  };
}

/** The images of a request: how many, and as how many characters they stand in it. */
type Images = { count: number; chars: number };

/** The most that a request can use: no token is shorter than a byte, but for those of an image. */
function boundsOf(body: string, images: Images, maxTokens: number): CallBounds {
  const bytes = utf8Bytes(body) - images.chars + images.count * IMAGE_MAX_TOKENS;
  return {
    inputTokens: Math.min(bytes, CONTEXT_MAX_TOKENS),
    outputTokens: Math.min(Math.max(maxTokens, 0), OUTPUT_MAX_TOKENS),
    // As it is written anew here, and no text can hold it: there its quotes are escaped.
    hasHourCache: body.includes('"ttl":"1h"'),
  };
}

function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Of a pair, each half is two of its four bytes.
    if (code > 0x7ff && (code < 0xd800 || code > 0xdfff)) bytes += 2;
    else if (code > 0x7f) bytes += 1;
  }
  return bytes;
}

/** The betas that go out, and those that are left out. */
export function readBetas(header: string | null): { betas: string[]; left: string[] } {
  const given = (header ?? '').split(',').map((beta) => beta.trim());
  const named = [...new Set(given)].filter(Boolean);
  return {
    betas: named.filter((beta) => BETAS.has(beta)),
    left: named.filter((beta) => !BETAS.has(beta)),
  };
}

function forbidden(what: string): ModelRequest {
  return { is: 'forbidden', text: `A task's request to the model may not hold ${what}.` };
}

/** What of this content may not go out; null when all of it may. */
function refusedIn(content: unknown, images: Images, depth = 0): string | null {
  if (!Array.isArray(content)) return null;
  if (depth > DEPTH_MAX) return 'content that deep in other content';
  for (const one of content) {
    const why = refusedBlock(one, images, depth);
    if (why !== null) return why;
  }
  return null;
}

function refusedBlock(one: unknown, images: Images, depth: number): string | null {
  const parsed = Block.safeParse(one);
  if (!parsed.success) return 'content of an unknown shape';
  const { type, tool, content, tool_changes: changes } = parsed.data;
  if (!BLOCKS.has(type)) return `content of the type ${type.slice(0, 100)}`;
  if (type === 'tool_addition' && tool?.type !== TOOL_CHANGE) return 'a tool among its messages';
  const inner = [content, changes];
  if (type === 'image' || type === 'document') {
    const source = Source.safeParse(parsed.data.source);
    if (!source.success || !SOURCES.has(source.data.type)) {
      return `content that the API would have to fetch (${type})`;
    }
    inner.push(source.data.content);
    if (type === 'image' && source.data.type === 'base64') {
      images.count++;
      images.chars += typeof source.data.data === 'string' ? source.data.data.length : 0;
    }
  }
  for (const part of inner) {
    const why = refusedIn(part, images, depth + 1);
    if (why !== null) return why;
  }
  return null;
}

/** Null where it lies too deep in itself to be written: whoever wrote it meant no model. */
function written(value: object): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
