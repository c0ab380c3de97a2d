import type { HealthCheck, ObjectHealth } from '../../protocol/health.ts';
import type { RebuildAnswer } from '../../protocol/rebuild.ts';
import type { Person } from '../auth/access.ts';
import { snapshotFrames } from './frames.ts';
import { type ImportBegun, beginImport, endEmptyImport, goOnImporting } from './import.ts';
import { rebuildThread } from './rebuild.ts';
import { refillThread } from './refill.ts';
import { CLOSED_AGAIN_MS, ThreadObject } from './thread-object.ts';

/** What is asked of a conversation for the sake of its copies: Postgres, and a file. */
export abstract class KeptThread extends ThreadObject {
  #rebuilding: Promise<RebuildAnswer> | null = null;

  /**
   * Rebuilds the conversation from Postgres where it has lost everything; one that holds something is
   * left as it is. Asked for twice at a time, it is one rebuild.
   * @throws when Postgres does not answer; the alarm goes on with what has begun.
   */
  rebuild(
    person: Pick<Person, 'id' | 'email'>,
    imported: string | null = null,
  ): Promise<RebuildAnswer> {
    this.#rebuilding ??= this.#rebuild(person, imported).finally(() => {
      this.#rebuilding = null;
    });
    return this.#rebuilding;
  }

  async #rebuild(
    person: Pick<Person, 'id' | 'email'>,
    imported: string | null,
  ): Promise<RebuildAnswer> {
    const { history: open } = this.reached;
    const wakeLater = () => this.clock.setWithin(CLOSED_AGAIN_MS);
    const how = { open, wakeLater, imported };
    const answer = await rebuildThread(this.parts, how, person, Date.now());
    if (answer.is === 'rebuilt') {
      this.parts.sockets.broadcastTexts(snapshotFrames(this.store.snapshot()));
      this.goOn();
    }
    return answer;
  }

  /** @throws when Postgres does not answer. */
  async beginImport(person: Pick<Person, 'id'>, id: string): Promise<ImportBegun> {
    const { history: open } = this.reached;
    return beginImport(this.parts, open, person.id, id);
  }

  /** As `goOnImporting`. */
  async goOnImporting(id: string, now: 'rows' | 'tasks'): Promise<boolean> {
    return goOnImporting(this.parts, id, now);
  }

  /** All rows and tasks of an import are there. @throws when Postgres does not answer. */
  async endImport(person: Pick<Person, 'id' | 'email'>, id: string): Promise<RebuildAnswer> {
    const answer = await this.rebuild(person, id);
    if (answer.is === 'nothing') endEmptyImport(this.parts, id);
    return answer;
  }

  /** Sends on what has not reached Postgres. @returns rows that wait still, and all of its tasks. */
  async drain(): Promise<{ waiting: number; taskIds: string[] }> {
    if (!this.isUsed) return { waiting: 0, taskIds: [] };
    await this.parts.history.drain();
    return { waiting: this.parts.history.pending(), taskIds: this.store.taskIds() };
  }

  /**
   * Puts the conversation on its way to Postgres again; with `after` it was before.
   * @returns its rows, and all of its tasks.
   */
  async refill(after: string | null): Promise<{ rows: number; taskIds: string[] } | null> {
    if (!this.isUsed) return null;
    const rows = after === null ? refillThread(this.parts) : 0;
    this.goOn();
    return { rows, taskIds: this.store.taskIds() };
  }

  /** How the conversation's storage is. */
  async health(): Promise<ObjectHealth> {
    return this.store.health();
  }

  /** How everything of this person's is; nothing where nobody signed in. */
  async checks(): Promise<HealthCheck[]> {
    return this.isUsed ? this.parts.health.report() : [];
  }

  /** The tasks that a fresh client is shown. */
  async shownTasks(): Promise<string[]> {
    return this.isUsed ? this.store.snapshot().tasks.map(({ id }) => id) : [];
  }

  /** Rows of this person that Postgres must hold too. */
  async counts(): Promise<{ messages: number; tasks: number; inbox: number } | null> {
    return this.isUsed ? this.store.counts() : null;
  }
}
