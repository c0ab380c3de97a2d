import type { UsageRow } from '../../history/rows.ts';
import { log } from '../../platform/log.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadPorts } from '../ports.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import { SUMMARY_INSTRUCTIONS, foldNow, foldText, isFoldDue } from './summary.ts';
import { tokensOf } from './tokens.ts';
import { usageRow } from '../../models/usage.ts';

const SUMMARY_MAX_TOKENS = 2_000;
const FOLDS_MAX = 5;

/**
 * Folds the oldest messages into the rolling summary while there are too many of them. Nothing is
 * deleted: the summary only decides what the next prompt needs to hold in full.
 */
export class Summariser {
  readonly #store: ThreadStore;
  readonly #changeLog: ChangeLog;
  readonly #ports: () => ThreadPorts;
  readonly #settings: { model: string; maxPromptTokens: number };
  readonly #onUsage: (row: UsageRow) => void;
  #folding: Promise<void> | null = null;

  constructor(parts: {
    store: ThreadStore;
    changeLog: ChangeLog;
    ports: () => ThreadPorts;
    settings: { model: string; maxPromptTokens: number };
    onUsage: (row: UsageRow) => void;
  }) {
    this.#store = parts.store;
    this.#changeLog = parts.changeLog;
    this.#ports = parts.ports;
    this.#settings = parts.settings;
    this.#onUsage = parts.onUsage;
  }

  /** Never throws: without a summary, prompts leave the oldest messages out instead. */
  tidy(): Promise<void> {
    this.#folding ??= this.#fold()
      .catch((error: unknown) => log.warn('thread.summary_failed', { error: String(error) }))
      .finally(() => {
        this.#folding = null;
      });
    return this.#folding;
  }

  async #fold(): Promise<void> {
    const { model, maxPromptTokens } = this.#settings;
    for (let folds = 0; folds < FOLDS_MAX; folds++) {
      const before = this.#store.summary;
      const upTo = before?.upTo ?? 0;
      const tokens = tokensOf(this.#store.sizeAfter(upTo));
      if (!isFoldDue(tokens, maxPromptTokens)) return;
      const fold = foldNow(this.#store.oldestAfter(upTo), tokens, maxPromptTokens);
      if (fold === null) return;
      const answer = await this.#ports().model.messages.create({
        model,
        max_tokens: SUMMARY_MAX_TOKENS,
        system: SUMMARY_INSTRUCTIONS,
        messages: [{ role: 'user', content: foldText(before, fold, maxPromptTokens) }],
      });
      this.#onUsage(usageRow(model, answer.usage, Date.now()));
      const text = answer.content
        .map((block) => (block.type === 'text' ? block.text : ''))
        .join('');
      if (text.trim() === '') throw new Error('The summary came back empty.');
      const summary = { text, upTo: fold.upTo };
      this.#changeLog.change(() => this.#changeLog.putSummary(summary));
      log.info('thread.summarised', { upTo: fold.upTo, messages: fold.messages.length });
    }
  }
}
