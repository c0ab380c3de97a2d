import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';
import type { Attachment } from '../protocol/attachment.ts';
import type { AttachedFiles, Words } from './attachments.ts';

/** Something to say, and what to do once Claude Code has taken it. */
export type Said = { text: string; attachments?: readonly Attachment[]; onTaken(): void };

/** What is said to Claude Code, one message after another, until it is closed. */
export class Input implements AsyncIterable<SDKUserMessage> {
  readonly #waiting: Said[] = [];
  readonly #files: Pick<AttachedFiles, 'with'> | null;
  #closed = false;
  #wake: (() => void) | null = null;

  /** @param files where what is attached comes from; null where nothing ever is. */
  constructor(files: Pick<AttachedFiles, 'with'> | null = null) {
    this.#files = files;
  }

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
      const said = this.#waiting[0];
      if (said !== undefined) {
        const words = await this.#wordsOf(said);
        // Closed meanwhile: nobody would hear it, and it stays in the mailbox.
        if (this.#waiting[0] !== said) continue;
        this.#waiting.shift();
        said.onTaken();
        yield {
          type: 'user',
          message: { role: 'user', content: contentOf(words) },
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

  async #wordsOf({ text, attachments = [] }: Said): Promise<Words> {
    return (await this.#files?.with(text, attachments)) ?? { text, images: [] };
  }
}

/** Images first: that is how models see them best. */
function contentOf({ text, images }: Words): SDKUserMessage['message']['content'] {
  if (images.length === 0) return text;
  return [
    ...images.map(({ type, data }) => ({
      type: 'image' as const,
      source: { type: 'base64' as const, media_type: type, data },
    })),
    { type: 'text' as const, text },
  ];
}
