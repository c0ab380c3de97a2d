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
  output_config: z.optional(z.object({ format: z.optional(z.unknown()) })),
});

export type Turn = {
  role: 'user' | 'assistant' | 'system';
  /** One a block, without those that are empty. Thinking, images and the like are left out. */
  texts: string[];
  uses: { id: string; name: string; input: Record<string, unknown> }[];
  results: { id: string; result: string; failed: boolean }[];
};

export type ModelCall = {
  model: string;
  system: string;
  /** Names of the tools that may be called. */
  tools: readonly string[];
  turns: readonly Turn[];
  /** True when the answer must be JSON by a schema. */
  wantsJson: boolean;
};

/** A tool call that was answered. */
export type Round = {
  name: string;
  input: Record<string, unknown>;
  result: string;
  failed: boolean;
};

function textOf(content: unknown): string {
  const parsed = Content.safeParse(content);
  if (!parsed.success) return '';
  if (typeof parsed.data === 'string') return parsed.data;
  return parsed.data.map(({ text }) => text ?? '').join('\n');
}

function turnOf({ role, content }: z.infer<typeof Body>['messages'][number]): Turn {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const turn: Turn = { role, texts: [], uses: [], results: [] };
  for (const block of z.array(Block).parse(blocks)) {
    const { type, text = '', id = '', name = '', input = {} } = block;
    if (type === 'text' && text.trim() !== '') turn.texts.push(text);
    if (type === 'tool_use') turn.uses.push({ id, name, input });
    if (type !== 'tool_result') continue;
    const { tool_use_id = '', is_error = false } = block;
    turn.results.push({ id: tool_use_id, result: textOf(block.content), failed: is_error });
  }
  return turn;
}

/** The request in plain parts, or null when it is none. */
export function readCall(body: unknown): ModelCall | null {
  const parsed = Body.safeParse(body);
  if (!parsed.success) return null;
  const { model, system, messages, tools = [], output_config } = parsed.data;
  return {
    model,
    system: textOf(system),
    tools: tools.flatMap(({ name }) => name ?? []),
    turns: messages.map(turnOf),
    wantsJson: output_config?.format != null,
  };
}

/** Every tool call of these turns with its result, in order; calls without a result are left out. */
export function roundsOf(turns: readonly Turn[]): Round[] {
  const results = new Map(turns.flatMap((turn) => turn.results.map((one) => [one.id, one])));
  return turns.flatMap(({ uses }) =>
    uses.flatMap(({ id, name, input }) => {
      const found = results.get(id);
      return found === undefined
        ? []
        : [{ name, input, result: found.result, failed: found.failed }];
    }),
  );
}
