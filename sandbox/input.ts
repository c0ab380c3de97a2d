import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';

/** What is said to Claude Code, one message after another, until it is closed. */
export class Input implements AsyncIterable<SDKUserMessage> {
  readonly #waiting: string[] = [];
  #closed = false;
  #wake: (() => void) | null = null;

  say(text: string): void {
    this.#waiting.push(text);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** True when something said has not been taken yet. */
  get pending(): boolean {
    return this.#waiting.length > 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SDKUserMessage> {
    for (;;) {
      const text = this.#waiting.shift();
      if (text !== undefined) {
        yield {
          type: 'user',
          message: { role: 'user', content: text },
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
