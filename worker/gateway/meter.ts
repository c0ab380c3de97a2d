import * as z from 'zod/mini';
import type { TokenCounts } from '../models/prices.ts';

const Counts = z.object({
  input_tokens: z.nullish(z.int()),
  output_tokens: z.nullish(z.int()),
  cache_read_input_tokens: z.nullish(z.int()),
  cache_creation_input_tokens: z.nullish(z.int()),
});

/** What of an answer tells its use: a whole message, or the two stream events that carry counts. */
const Metered = z.union([
  z.object({ type: z.literal('message_start'), message: z.object({ usage: Counts }) }),
  z.object({ type: z.literal('message_delta'), usage: Counts }),
  z.object({ type: z.literal('message'), usage: Counts }),
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
  #tokens: TokenCounts | null = null;
  #rest = '';
  readonly #decoder = new TextDecoder();
  readonly #streamed: boolean;

  constructor(contentType: string | null) {
    this.#streamed = contentType?.includes('event-stream') ?? false;
  }

  /** Null while nothing was counted: an error answer costs nothing. */
  get tokens(): TokenCounts | null {
    return this.#tokens;
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
    const usage =
      parsed.data.type === 'message_start' ? parsed.data.message.usage : parsed.data.usage;
    const before = this.#tokens ?? NOTHING;
    this.#tokens = {
      inputTokens: usage.input_tokens ?? before.inputTokens,
      outputTokens: usage.output_tokens ?? before.outputTokens,
      cacheReadTokens: usage.cache_read_input_tokens ?? before.cacheReadTokens,
      cacheWriteTokens: usage.cache_creation_input_tokens ?? before.cacheWriteTokens,
    };
  }
}
