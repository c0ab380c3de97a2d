import type { MailboxItem } from '../protocol/runner.ts';
import type { Decided } from './decisions.ts';
import type { Input } from './input.ts';

type Message = Extract<MailboxItem, { type: 'message' }>;

type Turn = {
  input: Input;
  /** True until Claude Code has the decision that it waits for: no other word may come before it. */
  hold: boolean;
  interrupt(): void;
};

/**
 * What the person sends, on its way to Claude Code: into the turn that runs, or kept until there is
 * one. An item is acknowledged when Claude Code has it, not before: a lost sandbox's mail comes again.
 */
export class PromptQueue {
  readonly #acknowledge: (id: string) => void;
  readonly #onSteered: (message: Message) => void;
  readonly #messages: Message[] = [];
  /** Said to the turn that runs, and not taken yet. */
  readonly #given: Message[] = [];
  readonly #decisions: Decided[] = [];
  #parked = false;
  #turn: Turn | null = null;
  #onStop: (() => void) | null = null;
  #wake: (() => void) | null = null;

  constructor(options: { acknowledge(id: string): void; onSteered(message: Message): void }) {
    this.#acknowledge = (id) => options.acknowledge(id);
    this.#onSteered = (message) => options.onSteered(message);
  }

  take(item: MailboxItem): void {
    switch (item.type) {
      case 'message':
        if (!this.#giveNow(item)) this.#messages.push(item);
        break;
      case 'answer':
      case 'approval':
      case 'changes':
        this.#decisions.push(item);
        break;
      case 'interrupt':
        // Between two turns there is nothing to stop, but for what comes before the first.
        if (this.#turn === null) this.#onStop?.();
        else this.#turn.interrupt();
        this.#acknowledge(item.id);
        break;
      case 'park':
        this.#parked = true;
        this.#onStop?.();
        this.#acknowledge(item.id);
        break;
    }
    this.#wake?.();
  }

  /** A turn runs: messages go into it from now on, those that wait already first. */
  begin(turn: Turn): void {
    this.#turn = turn;
    if (!turn.hold) this.#giveWaiting();
  }

  /** What runs before the first turn: the person may stop it, and a sandbox that has to go stops it. */
  set onStop(onStop: (() => void) | null) {
    this.#onStop = onStop;
  }

  /** The decision was given: messages may follow. */
  release(): void {
    if (this.#turn === null) return;
    this.#turn.hold = false;
    this.#giveWaiting();
  }

  /** The turn is over; messages that it did not take stay first in line. */
  end(): void {
    this.#turn = null;
    this.#messages.unshift(...this.#given.splice(0));
  }

  /** Says a message to a turn's input; it is acknowledged once it was taken. */
  say(input: Input, message: Message, text: string): boolean {
    const isOpen = input.say({
      text,
      attachments: message.attachments ?? [],
      onTaken: () => {
        this.#given.splice(this.#given.indexOf(message), 1);
        this.#acknowledge(message.id);
        this.#onSteered(message);
      },
    });
    if (isOpen) this.#given.push(message);
    return isOpen;
  }

  /** True when this sandbox has to go. */
  get parked(): boolean {
    return this.#parked;
  }

  /** A message that waits, without waiting for one. */
  next(): Message | null {
    return this.#messages.shift() ?? null;
  }

  /** Waits for the decision of this call. */
  async decision(toolUseId: string): Promise<{ is: 'decided'; decided: Decided } | 'park'> {
    for (;;) {
      const decided = this.#decisions.find((one) => one.toolUseId === toolUseId);
      if (decided !== undefined) return { is: 'decided', decided };
      if (this.#parked) return 'park';
      await this.#news();
    }
  }

  /** Waits for a message. */
  async word(): Promise<{ is: 'message'; message: Message } | 'park'> {
    for (;;) {
      const message = this.next();
      if (message !== null) return { is: 'message', message };
      if (this.#parked) return 'park';
      await this.#news();
    }
  }

  /** Waits until there is a message, and leaves it there. */
  async waiting(): Promise<'message' | 'park'> {
    while (this.#messages.length === 0 && !this.#parked) await this.#news();
    return this.#messages.length > 0 ? 'message' : 'park';
  }

  #giveNow(message: Message): boolean {
    const turn = this.#turn;
    return turn !== null && !turn.hold && this.say(turn.input, message, message.text);
  }

  #giveWaiting(): void {
    for (const message of this.#messages.splice(0)) {
      if (!this.#giveNow(message)) this.#messages.push(message);
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }
}
