import * as z from 'zod/mini';

const Block = z.looseObject({
  type: z.string(),
  text: z.optional(z.string()),
  id: z.optional(z.string()),
  name: z.optional(z.string()),
  input: z.optional(z.unknown()),
  tool_use_id: z.optional(z.string()),
  is_error: z.optional(z.boolean()),
  content: z.optional(z.unknown()),
});
type Block = z.infer<typeof Block>;

const Content = z.union([z.string(), z.array(Block)]);
const Input = z.record(z.string(), z.unknown());

/**
 * What this model reads of a Messages API request. Claude Code also sends messages of the role
 * `system` in mid-conversation: its environment, and what the person said while it worked.
 * Source: https://docs.anthropic.com/en/api/messages
 */
const Body = z.looseObject({
  model: z.string(),
  system: z.optional(Content),
  messages: z.array(z.object({ role: z.string(), content: Content })),
  tools: z.optional(z.array(z.looseObject({ name: z.optional(z.string()) }))),
  output_config: z.optional(z.looseObject({ format: z.optional(z.unknown()) })),
});

export type Part =
  | { is: 'text'; text: string }
  | { is: 'tool_use'; id: string; name: string; input: Record<string, unknown> }
  | { is: 'tool_result'; id: string; text: string; failed: boolean };

export type Turn = { role: 'user' | 'assistant' | 'system'; parts: Part[] };

export type ModelCall = {
  model: string;
  system: string;
  /** Names of the tools that may be called. */
  tools: readonly string[];
  turns: readonly Turn[];
  /** True when the answer must be JSON by a schema (`output_config.format`). */
  wantsJson: boolean;
};

function textOf(content: unknown): string {
  const parsed = Content.safeParse(content);
  if (!parsed.success) return '';
  if (typeof parsed.data === 'string') return parsed.data;
  return parsed.data.map((block) => block.text ?? '').join('\n');
}

function partsOf(content: string | Block[]): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ is: 'text', text: content }];
  return content.flatMap((block): Part[] => {
    switch (block.type) {
      case 'text':
        return [{ is: 'text', text: block.text ?? '' }];
      case 'tool_use': {
        const input = Input.safeParse(block.input);
        return [
          {
            is: 'tool_use',
            id: block.id ?? '',
            name: block.name ?? '',
            input: input.success ? input.data : {},
          },
        ];
      }
      case 'tool_result':
        return [
          {
            is: 'tool_result',
            id: block.tool_use_id ?? '',
            text: textOf(block.content),
            failed: block.is_error === true,
          },
        ];
      default:
        // Thinking, images and the like say nothing to this model.
        return [];
    }
  });
}

function roleOf(role: string): Turn['role'] {
  return role === 'assistant' || role === 'system' ? role : 'user';
}

/** The request in plain parts, or null when it is none. */
export function readCall(body: unknown): ModelCall | null {
  const parsed = Body.safeParse(body);
  if (!parsed.success) return null;
  const { model, system, messages, tools, output_config } = parsed.data;
  return {
    model,
    system: textOf(system ?? ''),
    tools: (tools ?? []).flatMap((tool) => tool.name ?? []),
    turns: messages.map(({ role, content }) => ({ role: roleOf(role), parts: partsOf(content) })),
    wantsJson: output_config?.format !== undefined && output_config.format !== null,
  };
}

/** The texts of a turn, one a part. */
export function textsOf(turn: Turn): string[] {
  return turn.parts.flatMap((part) => (part.is === 'text' ? part.text : []));
}

/** Every tool call of these turns with its result, in order; calls without a result are left out. */
export function roundsOf(turns: readonly Turn[]): Round[] {
  const results = new Map<string, { text: string; failed: boolean }>();
  for (const { parts } of turns) {
    for (const part of parts) if (part.is === 'tool_result') results.set(part.id, part);
  }
  return turns.flatMap(({ parts }) =>
    parts.flatMap((part) => {
      const result = part.is === 'tool_use' ? results.get(part.id) : undefined;
      if (part.is !== 'tool_use' || result === undefined) return [];
      return [{ name: part.name, input: part.input, result: result.text, failed: result.failed }];
    }),
  );
}

/** A tool call that was answered. */
export type Round = {
  name: string;
  input: Record<string, unknown>;
  result: string;
  failed: boolean;
};
