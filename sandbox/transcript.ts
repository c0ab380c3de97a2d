import type { SessionKey, SessionStore, SessionStoreEntry } from '@anthropic-ai/claude-agent-sdk';
import * as z from 'zod/mini';
import type { Gateway } from './gateway.ts';

const Kept = z.record(z.string(), z.array(z.looseObject({ type: z.string() })));

/** A user entry of Claude Code's transcript, as far as it carries results of tools. */
const Result = z.object({
  type: z.literal('user'),
  message: z.object({
    content: z.array(z.object({ type: z.string(), tool_use_id: z.optional(z.string()) })),
  }),
});

function nameOf({ projectKey, sessionId, subpath }: SessionKey): string {
  return [projectKey, sessionId, subpath ?? ''].join('\n');
}

/**
 * Claude Code's transcript, mirrored to the gateway as it is written, so that the next sandbox goes
 * on where this one stopped. What comes while an upload is under way goes with the next one.
 */
export class TranscriptMirror implements SessionStore {
  readonly #gateway: Pick<Gateway, 'keep'>;
  readonly #entries: Map<string, SessionStoreEntry[]>;
  #uploading: Promise<void> | null = null;
  #dirty: string | null = null;

  constructor(gateway: Pick<Gateway, 'keep'>, kept: Uint8Array | null) {
    this.#gateway = gateway;
    const parsed = kept === null ? {} : Kept.parse(JSON.parse(new TextDecoder().decode(kept)));
    this.#entries = new Map(Object.entries(parsed));
  }

  async append(key: SessionKey, entries: SessionStoreEntry[]): Promise<void> {
    const name = nameOf(key);
    const before = this.#entries.get(name) ?? [];
    const known = new Set(before.map((entry) => entry.uuid).filter((uuid) => uuid !== undefined));
    const fresh = entries.filter((entry) => entry.uuid === undefined || !known.has(entry.uuid));
    this.#entries.set(name, [...before, ...fresh]);
    this.#dirty = key.sessionId;
    await this.flush();
  }

  async load(key: SessionKey): Promise<SessionStoreEntry[] | null> {
    return this.#entries.get(nameOf(key)) ?? null;
  }

  /** True when the transcript holds the result of this tool call. */
  hasResult(toolUseId: string): boolean {
    return [...this.#entries.values()].some((entries) =>
      entries.some(
        (entry) =>
          Result.safeParse(entry).data?.message.content.some(
            (block) => block.tool_use_id === toolUseId,
          ) ?? false,
      ),
    );
  }

  /** The parts of a session that belong to subagents, for a resume of all of it. */
  async listSubkeys(key: { projectKey: string; sessionId: string }): Promise<string[]> {
    const head = `${key.projectKey}\n${key.sessionId}\n`;
    return [...this.#entries.keys()]
      .filter((name) => name.startsWith(head) && name.length > head.length)
      .map((name) => name.slice(head.length));
  }

  /** Resolves when everything appended so far is kept. */
  async flush(): Promise<void> {
    while (this.#dirty !== null || this.#uploading !== null) {
      this.#uploading ??= this.#upload().finally(() => {
        this.#uploading = null;
      });
      await this.#uploading;
    }
  }

  async #upload(): Promise<void> {
    const sessionId = this.#dirty;
    if (sessionId === null) return;
    this.#dirty = null;
    const body = new TextEncoder().encode(JSON.stringify(Object.fromEntries(this.#entries)));
    await this.#gateway.keep('transcript', body, { 'x-mainloop-session': sessionId });
  }
}
