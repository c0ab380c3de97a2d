import { log } from '../platform/log.ts';
import type { ThreadPorts } from './ports.ts';
import type { Sockets } from './sockets.ts';
import type { ThreadStore } from './storage/thread-store.ts';

const FRESH_MS = 5 * 60_000;
/** How long the first reply waits for the list. */
const FIRST_WITHIN_MS = 1_500;

/** The repositories that the person may use, as the git host lists them. */
export class RepositoryList {
  readonly #store: ThreadStore;
  readonly #sockets: Sockets;
  readonly #ports: () => ThreadPorts;
  #refreshing: Promise<void> | null = null;

  constructor(parts: { store: ThreadStore; sockets: Sockets; ports: () => ThreadPorts }) {
    this.#store = parts.store;
    this.#sockets = parts.sockets;
    this.#ports = parts.ports;
  }

  /** The very first reply needs to know the repositories; later ones use what is known. */
  async first(): Promise<void> {
    if (this.#store.repositories.at > 0) return;
    const patience = new Promise<void>((resolve) => setTimeout(resolve, FIRST_WITHIN_MS));
    await Promise.race([this.refresh(), patience]);
  }

  /** Reads the list and tells the pages, unless it was read just now. Whoever comes second joins. */
  refresh(): Promise<void> {
    if (Date.now() - this.#store.repositories.at < FRESH_MS) return Promise.resolve();
    return this.#once();
  }

  /** Reads it now: it may be another's list that is known. */
  async readAnew(): Promise<void> {
    await this.#refreshing;
    await this.#once();
  }

  #once(): Promise<void> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #read(): Promise<void> {
    const found = await this.#ports().github.repositories();
    if (found.is === 'failed') {
      log.warn('thread.repositories_not_read', { failure: found.failure.is });
      return;
    }
    this.#store.repositories = { at: Date.now(), list: found.value };
    this.#sockets.broadcast({ type: 'repositories', repositories: found.value });
  }
}
