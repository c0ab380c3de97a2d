import { DurableObject } from 'cloudflare:workers';
import type { RebuildAnswer } from '../../protocol/rebuild.ts';
import type { Person } from '../auth/access.ts';
import type { Env } from '../env.ts';
import { ALARM_AT_LEAST_MS, Alarm } from '../platform/alarm.ts';
import { log } from '../platform/log.ts';
import { secretHash } from '../platform/secret-hash.ts';
import { type ThreadParts, threadParts } from './parts.ts';
import { type ThreadPorts, threadPorts } from './ports.ts';
import type { ThreadStore } from './storage/thread-store.ts';

/** While replies are owed, the object looks again so often, whoever is connected. */
const LOOK_AGAIN_MS = 15_000;
/** How long until a storage that could not be opened is tried again. */
export const CLOSED_AGAIN_MS = 60_000;

/** The life of a conversation's object: how it opens, what follows each change, and its alarm. */
export abstract class ThreadObject extends DurableObject<Env> {
  protected readonly parts: ThreadParts;
  protected readonly store: ThreadStore;
  protected readonly clock: Alarm;
  #ports: ThreadPorts | null = null;
  #answering: Promise<void> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.parts = threadParts(ctx, env, () => this.reached, {
      // Asked for before anyone may have put other ports in place.
      history: () => (this.#ports ?? this.ports()).history,
      onCommitted: () => ctx.waitUntil(this.#schedule()),
    });
    this.store = this.parts.store;
    this.clock = new Alarm(ctx.storage, () => this.#times());
    // An object that nobody signed in to stays empty: another person's guess leaves no trace.
    if (this.store.holdsThread) this.open();
  }

  /** Brings what is stored up to date. Whatever is found there, the object starts. */
  protected open(): void {
    try {
      if (this.store.open().is !== 'open') return;
      // What an earlier life left in the middle is taken up though nobody comes.
      const soon = this.#owesReply() ? this.clock.setWithin(ALARM_AT_LEAST_MS) : this.clock.set();
      this.ctx.waitUntil(soon);
    } catch (error) {
      log.error('thread.not_opened', error, { objectId: this.ctx.id.toString() });
    }
  }

  /** Everything beyond this object; tests put their own in its place. */
  ports(): ThreadPorts {
    const { gitToken } = this.parts;
    return threadPorts(this.env, {
      token: () => gitToken.use(),
      refused: (token) => gitToken.markRefused(secretHash(token), Date.now()),
    });
  }

  /** The same, once somebody has asked for them. */
  protected get reached(): ThreadPorts {
    return (this.#ports ??= this.ports());
  }

  /** As `KeptThread.rebuild`. */
  abstract rebuild(person: Pick<Person, 'id' | 'email'>): Promise<RebuildAnswer>;

  override alarm(): Promise<void> {
    return this.clock.goOff(async () => {
      this.parts.sockets.closeExpired(Date.now());
      if (this.store.closed !== null) this.open();
      const { rebuildingFor } = this.store;
      if (rebuildingFor !== null) await this.rebuild(rebuildingFor);
      if (!this.isUsed) return;
      this.ctx.waitUntil(this.parts.scheduler.tellAgain());
      this.goOn();
    });
  }

  #owesReply(): boolean {
    return this.isUsed && (this.parts.turns.running() ?? this.parts.turns.next()) !== null;
  }

  /** True when somebody signed in here, and all that is stored can be read and changed. */
  protected get isUsed(): boolean {
    return this.store.closed === null && this.store.personId !== null;
  }

  /** After a change: owed replies are given, history drains; the alarm is there in case this ends early. */
  protected goOn(): void {
    this.#answering ??= this.parts.responder
      .answerAll()
      .then(() => true)
      .catch((error: unknown) => {
        log.error('thread.answering_failed', error);
        return false;
      })
      .then((well) => {
        this.#answering = null;
        // After a failure not at once again: the alarm looks after what is owed.
        if (well && this.parts.turns.next() !== null) this.goOn();
        else this.ctx.waitUntil(this.parts.summariser.tidy().then(() => this.#settle()));
      });
    this.ctx.waitUntil(this.#schedule());
    this.ctx.waitUntil(this.#answering.then(() => this.#settle()));
    this.ctx.waitUntil(this.#settle());
  }

  async #schedule(): Promise<void> {
    const scheduled = [this.parts.scheduler.run(), this.parts.scheduler.reconcile()];
    await Promise.all([...scheduled, this.clock.set()]);
    await this.clock.set();
  }

  async #settle(): Promise<void> {
    // Before anything that takes its time: a crash in the middle of it must find a timer.
    await this.clock.set();
    await Promise.all([this.parts.history.drain(), this.isUsed ? this.parts.notifier.run() : null]);
    if (this.isUsed) await this.parts.health.run();
    if (this.isUsed) await this.parts.attachments.sweep(Date.now());
    await this.clock.set();
  }

  #times(): (number | null)[] {
    return [
      this.parts.sockets.closeExpired(Date.now()),
      this.#owesReply() ? Date.now() + LOOK_AGAIN_MS : null,
      this.isUsed ? this.parts.scheduler.wakeAt(Date.now()) : null,
      this.parts.history.wakeAt(),
      this.isUsed ? this.parts.health.wakeAt() : null,
      this.isUsed ? this.parts.notifier.wakeAt() : null,
      this.isUsed ? this.parts.attachments.wakeAt() : null,
      this.store.closed === null ? null : Date.now() + CLOSED_AGAIN_MS,
    ];
  }
}
