import * as z from 'zod/mini';

const Input = z.record(z.string(), z.unknown());
const Block = z.object({
  type: z.string(),
  text: z.optional(z.string()),
  id: z.optional(z.string()),
  name: z.optional(z.string()),
  input: z.optional(Input),
  tool_use_id: z.optional(z.string()),
  content: z.optional(z.unknown()),
  is_error: z.optional(z.boolean()),
});
type Block = z.infer<typeof Block>;
const Content = z.union([z.string(), z.array(Block)]);

/**
 * What this model reads of a Messages API request. Claude Code also sends messages of the role
 * `system` in mid-conversation: its environment, and what the person said while it worked.
 * Source: https://docs.anthropic.com/en/api/messages
 */
const Body = z.object({
  model: z.string(),
  system: z.optional(Content),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant', 'system']), content: Content })),
  tools: z.optional(z.array(z.object({ name: z.optional(z.string()) }))),
});

type Use = { name: string; input: Record<string, unknown> };
type Result = { result: string; failed: boolean };

export type Turn = {
  role: 'user' | 'assistant' | 'system';
  /** One a block, without those that are empty. Thinking, images and the like are left out. */
  texts: string[];
  uses: (Use & { id: string })[];
  results: (Result & { id: string })[];
};

/** A tool call that was answered. */
export type Round = Use & Result;

export type ModelCall = {
  model: string;
  system: string;
  /** Names of the tools that may be called. */
  tools: readonly string[];
  turns: readonly Turn[];
};

function textOf(content: unknown): string {
  const { data = '' } = Content.safeParse(content);
  return typeof data === 'string' ? data : data.map(({ text }) => text ?? '').join('\n');
}

function turnOf({ role, content }: z.infer<typeof Body>['messages'][number]): Turn {
  const blocks: Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const turn: Turn = { role, texts: [], uses: [], results: [] };
  for (const block of blocks) {
    const { type, text = '', id = '', name = '', input = {}, tool_use_id = '' } = block;
    const failed = block.is_error === true;
    if (type === 'text' && text.trim() !== '') turn.texts.push(text);
    if (type === 'tool_use') turn.uses.push({ id, name, input });
    if (type === 'tool_result') {
      turn.results.push({ id: tool_use_id, result: textOf(block.content), failed });
    }
  }
  return turn;
}

function parse(json: string): z.infer<typeof Body> | null {
  try {
    return Body.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** The request in plain parts, or null when it is none. */
export function readCall(json: string): ModelCall | null {
  const body = parse(json);
  if (body === null) return null;
  const { model, system, tools = [], messages } = body;
  return {
    model,
    system: textOf(system),
    tools: tools.flatMap(({ name }) => name ?? []),
    turns: messages.map(turnOf),
  };
}

/** Every tool call of these turns with its result, in order; calls without a result are left out. */
export function roundsOf(turns: readonly Turn[]): Round[] {
  const results = turns.flatMap((turn) => turn.results);
  return turns.flatMap(({ uses }) =>
    uses.flatMap(({ id, ...use }) => {
      const found = results.find((one) => one.id === id);
      return found === undefined ? [] : [{ ...use, result: found.result, failed: found.failed }];
    }),
  );
}
