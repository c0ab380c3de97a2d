import * as z from 'zod/mini';
import { type ImageSize, imageSize } from './image-size.ts';

/** What a text says as JSON, read by `schema`; null where it is missing or no such thing. */
export function parsed<Schema extends z.ZodMiniType>(
  schema: Schema,
  json: string | undefined,
): z.infer<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(json ?? '')).data ?? null;
  } catch {
    return null;
  }
}

const Text = z._default(z.string(), '');
const Block = z.object({
  type: z.string(),
  text: Text,
  id: Text,
  name: Text,
  input: z._default(z.record(z.string(), z.unknown()), {}),
  tool_use_id: Text,
  content: z.optional(z.unknown()),
  source: z.optional(z.object({ data: Text })),
  is_error: z._default(z.boolean(), false),
});
type Block = z.infer<typeof Block>;
/** A text alone stands for a block of text. */
const Content = z.pipe(
  z.transform((given) => (typeof given === 'string' ? [{ type: 'text', text: given }] : given)),
  z.array(Block),
);

/**
 * What this model reads of a Messages API request. Claude Code also sends messages of the role
 * `system` in mid-conversation: its environment, and what the person said while it worked.
 * Source: https://docs.anthropic.com/en/api/messages
 */
const Body = z.object({
  model: z.string(),
  system: z._default(Content, []),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant', 'system']), content: Content })),
  tools: z._default(z.array(z.object({ name: Text })), []),
});

export type Turn = {
  role: 'user' | 'assistant' | 'system';
  /** One a block, without those that are empty. Thinking and the like are left out. */
  texts: string[];
  /** What each image is; null for one that cannot be told. */
  images: (ImageSize | null)[];
  uses: Block[];
  results: Block[];
};

/** A tool call that was answered. */
export type Round = ToolUse & { result: string; failed: boolean };

export type ModelCall = {
  model: string;
  system: string;
  /** Names of the tools that may be called. */
  tools: readonly string[];
  turns: readonly Turn[];
};

function textOf(content: unknown): string {
  const blocks = Content.safeParse(content).data ?? [];
  return blocks.map(({ text }) => text).join('\n');
}

function turnOf({ role, content }: z.infer<typeof Body>['messages'][number]): Turn {
  const blocks = (type: string) => content.filter((block) => block.type === type);
  return {
    role,
    texts: blocks('text').flatMap(({ text }) => (text.trim() === '' ? [] : [text])),
    images: blocks('image').map(({ source }) => imageSize(source?.data ?? '')),
    uses: blocks('tool_use'),
    results: blocks('tool_result'),
  };
}

/** The request in plain parts, or null when it is none. */
export function readCall(json: string): ModelCall | null {
  const body = parsed(Body, json);
  if (body === null) return null;
  const { model, system, tools, messages } = body;
  return {
    model,
    system: textOf(system),
    tools: tools.map(({ name }) => name),
    turns: messages.map(turnOf),
  };
}

/** Every tool call of these turns with its result, in order; calls without a result are left out. */
export function roundsOf(turns: readonly Turn[]): Round[] {
  const results = turns.flatMap((turn) => turn.results);
  const uses = turns.flatMap((turn) => turn.uses);
  return uses.flatMap(({ id, name, input }) => {
    const found = results.find((one) => one.tool_use_id === id);
    if (found === undefined) return [];
    return { name, input, result: textOf(found.content), failed: found.is_error };
  });
}

/** What the model answers: text first, then tool calls, in this order. Both may be empty, not both at once. */
export type Reply = { text: string; calls: ToolUse[] };

export type ToolUse = { name: string; input: Record<string, unknown> };

export function say(text: string): Reply {
  return { text, calls: [] };
}

export function call(text: string, name: string, input: Record<string, unknown> = {}): Reply {
  return { text, calls: [{ name, input }] };
}

/** Roughly, as for English text and code. */
const CHARACTERS_PER_TOKEN = 4;

export function tokensIn(text: string): number {
  return Math.max(1, Math.ceil(text.length / CHARACTERS_PER_TOKEN));
}

export function tokensOf({ text, calls }: Reply): number {
  return tokensIn(text + calls.map(({ name, input }) => name + JSON.stringify(input)).join(''));
}
