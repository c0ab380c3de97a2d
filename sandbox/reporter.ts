import { boundedBody } from '../protocol/event-bounds.ts';
import { redactedBody } from '../protocol/redaction/redacted-body.ts';
import type { Redactor } from '../protocol/redaction/redactor.ts';
import {
  EVENT_BATCH_MAX,
  EVENT_BATCH_MAX_BYTES,
  HEARTBEAT_EVERY_MS,
  type RunnerEvent,
} from '../protocol/runner.ts';
import type { Gateway } from './gateway.ts';

/** Room for the batch's own braces and the acknowledgements. */
const BATCH_MARGIN_BYTES = 50_000;

/** As many of the events, from the first on, as one batch may carry; at least one. */
export function nextBatch(events: readonly RunnerEvent[], maxBytes: number): RunnerEvent[] {
  let size = 0;
  let count = 0;
  for (const event of events) {
    size += Buffer.byteLength(JSON.stringify(event)) + 1;
    if ((size > maxBytes && count > 0) || count === EVENT_BATCH_MAX) break;
    count++;
  }
  return events.slice(0, count);
}

/**
 * Numbers what happened and sends it until it is stored. Sends at once; what comes while a batch is
 * under way goes with the next one. With nothing to say it says that it lives.
 */
export class Reporter {
  readonly #gateway: Pick<Gateway, 'send'>;
  readonly #redactor: Pick<Redactor, 'within'>;
  readonly #now: () => number;
  readonly #onLost: (error: unknown) => void;
  #unstored: RunnerEvent[] = [];
  #acknowledged: string[] = [];
  #next: number;
  #sending: Promise<void> | null = null;
  #lost: unknown = null;
  #heartbeat: NodeJS.Timeout | null = null;

  /** @param onLost is told once when the gateway wants nothing more of this runner. */
  constructor(
    gateway: Pick<Gateway, 'send'>,
    redactor: Pick<Redactor, 'within'>,
    lastEvent: number,
    onLost: (error: unknown) => void,
    now: () => number = Date.now,
  ) {
    this.#gateway = gateway;
    this.#redactor = redactor;
    this.#next = lastEvent + 1;
    this.#onLost = onLost;
    this.#now = now;
    this.#beat();
  }

  add(body: RunnerEvent['body']): void {
    const shown = boundedBody(redactedBody(this.#redactor, body));
    this.#unstored.push({ number: this.#next++, at: this.#now(), body: shown });
    void this.#send();
  }

  /** Tells that a mailbox item was carried out. */
  acknowledge(id: string): void {
    this.#acknowledged.push(id);
    void this.#send();
  }

  /** Resolves when everything added and acknowledged so far is stored; rejects when it never will be. */
  async flush(): Promise<void> {
    const open = () => this.#unstored.length > 0 || this.#acknowledged.length > 0;
    while (open() && this.#lost === null) await this.#send();
    if (this.#lost !== null) throw this.#lost;
  }

  stop(): void {
    if (this.#heartbeat !== null) clearTimeout(this.#heartbeat);
  }

  #beat(): void {
    if (this.#heartbeat !== null) clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => void this.#send(), HEARTBEAT_EVERY_MS);
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    try {
      do {
        const events = nextBatch(this.#unstored, EVENT_BATCH_MAX_BYTES - BATCH_MARGIN_BYTES);
        const acknowledged = this.#acknowledged.slice(0, 100);
        const { stored } = await this.#gateway.send({ events, acknowledged });
        this.#unstored = this.#unstored.filter((event) => event.number > stored);
        this.#acknowledged = this.#acknowledged.slice(acknowledged.length);
      } while (this.#unstored.length > 0 || this.#acknowledged.length > 0);
      this.#beat();
    } catch (error) {
      if (this.#lost !== null) return;
      this.#lost = error;
      this.#onLost(error);
    }
  }
}
