import { log } from '../../platform/log.ts';
import type { SandboxSettings, ThreadApi } from '../api.ts';

/** After which a conversation that does not answer is not waited for. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * What the person has set for this task's sandboxes, as the conversation said last. Kept in memory
 * only: an object that was away asks again.
 */
export class SandboxSettingsReader {
  readonly #ask: () => Promise<SandboxSettings>;
  #known: { settings: SandboxSettings; askedAt: number } | null = null;
  #asking: Promise<SandboxSettings> | null = null;

  /** @param thread the conversation, and the task's repository in it. */
  constructor(thread: () => { api: ThreadApi; repository: string }) {
    this.#ask = () => {
      const { api, repository } = thread();
      return api.sandboxSettings(repository);
    };
  }

  /**
   * At most so old, where the conversation answers; those of before where it does not. Calls at the
   * same time are one question.
   *
   * @throws when it does not answer and never did.
   */
  async read(oldestMs = 0): Promise<SandboxSettings> {
    if (this.#known !== null && Date.now() - this.#known.askedAt < oldestMs) {
      return this.#known.settings;
    }
    this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = null;
    });
    try {
      return await this.#asking;
    } catch (error) {
      if (this.#known === null) throw error;
      log.warn('task.settings_not_read', { error: String(error) });
      // Not again at once: whoever asks next must not wait, too.
      this.#known = { ...this.#known, askedAt: Date.now() };
      return this.#known.settings;
    }
  }

  async #askOnce(): Promise<SandboxSettings> {
    const askedAt = Date.now();
    const over = new AbortController();
    const late = scheduler
      .wait(ANSWER_WITHIN_MS, { signal: over.signal })
      .then(() => Promise.reject(new Error('The conversation does not answer.')));
    late.catch(() => {});
    try {
      const settings = await Promise.race([this.#ask(), late]);
      this.#known = { settings, askedAt };
      return settings;
    } finally {
      over.abort();
    }
  }
}
