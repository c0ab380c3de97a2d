import type { ModelAnswer } from '../reply/model-call.ts';
import { failureSentence } from '../reply/model-failure.ts';

/** What came of the conversation's own calls of the model, in this life of the object. */
export type ModelFacts = {
  /** When it last answered; null where it has not. */
  answeredAt: number | null;
  /** Calls in a row that failed for no fault of what was asked, and why the last one did. */
  failures: number;
  why: string | null;
};

/** Keeps count of the model's answers. */
export class ModelRecord {
  #facts: ModelFacts = { answeredAt: null, failures: 0, why: null };

  facts(): ModelFacts {
    return this.#facts;
  }

  take(answer: ModelAnswer, now: number): void {
    if (answer.is === 'answer') {
      this.#facts = { answeredAt: now, failures: 0, why: null };
      return;
    }
    const { failure } = answer;
    switch (failure.is) {
      case 'stopped':
      case 'too_long':
      case 'empty':
        return;
      case 'unauthorized':
      case 'limited':
      case 'overloaded':
      case 'unreachable':
      case 'silent':
      case 'cut':
      case 'refused':
        this.#facts = {
          ...this.#facts,
          failures: this.#facts.failures + 1,
          why: failureSentence(failure),
        };
    }
  }
}
