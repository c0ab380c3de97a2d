import * as z from 'zod/mini';
import { CHARS_PER_TOKEN } from '../models/model-call.ts';
import type { TokenCounts } from '../models/prices.ts';

const Counts = z.object({
  input_tokens: z.nullish(z.int()),
  output_tokens: z.nullish(z.int()),
  cache_read_input_tokens: z.nullish(z.int()),
  cache_creation_input_tokens: z.nullish(z.int()),
  cache_creation: z.nullish(z.object({ ephemeral_1h_input_tokens: z.nullish(z.int()) })),
});

/**
 * What of an answer tells its use: a whole message, the two stream events that carry counts, what is
 * written in between, and the end.
 */
const Metered = z.union([
  z.object({ type: z.literal('message_start'), message: z.object({ usage: Counts }) }),
  z.object({ type: z.literal('message_delta'), usage: Counts }),
  z.object({ type: z.literal('message'), usage: Counts }),
  z.object({
    type: z.literal('content_block_delta'),
    delta: z.looseObject({
      text: z.optional(z.string()),
      thinking: z.optional(z.string()),
      partial_json: z.optional(z.string()),
    }),
  }),
  z.object({ type: z.literal('message_stop') }),
]);

/** What is kept of an answer that has not been read; a longer line, or a longer whole, is none of the API's. */
const REST_MAX_CHARS = 4_000_000;

const NOTHING: TokenCounts = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
};

/**
 * Reads the counts out of a Messages API answer as it passes by, in chunks cut anywhere. Counts in
 * the stream are cumulative: a later one replaces an earlier one.
 * https://docs.anthropic.com/en/api/messages-streaming
 */
export class Meter {
  #counted: TokenCounts | null = null;
  #isWhole = false;
  /** Of what the model has written since its tokens were counted last. */
  #writtenChars = 0;
  #rest = '';
  readonly #decoder = new TextDecoder();
  readonly #streamed: boolean;

  constructor(contentType: string | null) {
    this.#streamed = contentType?.includes('event-stream') ?? false;
  }

  /** What was counted, and what was written since, at its length; null while nothing was counted: an error answer costs nothing. */
  get tokens(): TokenCounts | null {
    if (this.#counted === null || this.#isWhole) return this.#counted;
    const written = Math.ceil(this.#writtenChars / CHARS_PER_TOKEN);
    // The first count is of a token or two, before anything is written.
    return { ...this.#counted, outputTokens: Math.max(this.#counted.outputTokens, written) };
  }

  /** True once the answer has come to its own end: then the counts are the API's last word. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** True once its prompt is counted, which is never for an answer in one piece that is not there yet. */
  get isCounted(): boolean {
    return this.#counted !== null;
  }

  take(chunk: Uint8Array): void {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    if (this.#rest.length > REST_MAX_CHARS) this.#rest = '';
    if (!this.#streamed) return;
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data:')) this.#read(line.slice(5));
  }

  /** Call once after the last chunk. */
  end(): void {
    if (this.#streamed && this.#rest.startsWith('data:')) this.#read(this.#rest.slice(5));
    if (!this.#streamed) this.#read(this.#rest);
    this.#rest = '';
  }

  #read(text: string): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return;
    }
    const parsed = Metered.safeParse(json);
    if (!parsed.success) return;
    const event = parsed.data;
    switch (event.type) {
      case 'message_start':
        return this.#count(event.message.usage);
      case 'message':
        this.#isWhole = true;
        return this.#count(event.usage);
      case 'message_delta':
        return this.#count(event.usage);
      case 'content_block_delta': {
        const { text: said = '', thinking = '', partial_json: input = '' } = event.delta;
        this.#writtenChars += said.length + thinking.length + input.length;
        return;
      }
      case 'message_stop':
        this.#isWhole = true;
    }
  }

  #count(usage: z.infer<typeof Counts>): void {
    const before = this.#counted ?? NOTHING;
    const forAnHour = usage.cache_creation?.ephemeral_1h_input_tokens;
    this.#counted = {
      inputTokens: usage.input_tokens ?? before.inputTokens,
      outputTokens: usage.output_tokens ?? before.outputTokens,
      cacheReadTokens: usage.cache_read_input_tokens ?? before.cacheReadTokens,
      cacheWriteTokens: usage.cache_creation_input_tokens ?? before.cacheWriteTokens,
      ...((forAnHour ?? before.hourCacheWriteTokens) && {
        hourCacheWriteTokens: forAnHour ?? before.hourCacheWriteTokens,
      }),
    };
  }
}
