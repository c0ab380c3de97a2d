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
