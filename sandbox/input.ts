import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';

/** Something to say, and what to do once Claude Code has taken it. */
export type Said = { text: string; onTaken(): void };

/** What is said to Claude Code, one message after another, until it is closed. */
export class Input implements AsyncIterable<SDKUserMessage> {
  readonly #waiting: Said[] = [];
  #closed = false;
  #wake: (() => void) | null = null;

  /** False when it is closed: then nobody would take it. */
  say(said: Said): boolean {
    if (this.#closed) return false;
    this.#waiting.push(said);
    this.#wake?.();
    return true;
  }

  /** Nothing more is taken, also of what was said before. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#wake?.();
  }

  /** True when something said has not been taken yet. */
  get pending(): boolean {
    return this.#waiting.length > 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SDKUserMessage> {
    for (;;) {
      const said = this.#waiting.shift();
      if (said !== undefined) {
        said.onTaken();
        yield {
          type: 'user',
          message: { role: 'user', content: said.text },
          parent_tool_use_id: null,
        };
      } else if (this.#closed) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }
}
