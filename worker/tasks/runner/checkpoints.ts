import type { ChangeCounts, ChangesSummary } from '../../../protocol/changes.ts';
import type { CheckpointPart } from '../../../protocol/runner.ts';
import { CHECKPOINT_KEPT_MS, type TaskState, isFinal } from '../lifecycle/state.ts';
import type { TaskStore } from '../storage/task-store.ts';

/** After which an upload that nobody kept is taken for dead: far longer than a request can live. */
const UPLOAD_WITHIN_MS = 60 * 60_000;
/**
 * Uploads of one part that a sandbox may have begun at a time. A runner has one, and some that broke
 * off; without a bound a hostile one fills the outbox, which is read whole at each move.
 */
const UPLOADS_OPEN_MAX = 4;

/** What a runner says of a part that it has uploaded. */
export type CheckpointNews =
  | { part: 'bundle'; commit: string }
  | { part: 'transcript'; sessionId: string }
  | { part: 'setup'; from: string }
  | { part: 'changes'; counts: ChangeCounts };

/** What of a task's state decides about its checkpoint. */
type Kept = { key: string; part: CheckpointPart };

const PARTS: readonly CheckpointPart[] = ['bundle', 'transcript', 'setup', 'changes'];

function keptPart(
  news: CheckpointNews,
  generation: number,
  key: string,
): Partial<TaskStore['checkpoint']> {
  switch (news.part) {
    case 'bundle':
      return { bundle: { generation, key, commit: news.commit } };
    case 'transcript':
      return { transcript: { generation, key, sessionId: news.sessionId } };
    case 'setup':
      return { setup: { generation, key, from: news.from } };
    case 'changes':
      return { changes: { generation, key, ...news.counts } };
  }
}

const rowKey = (key: string) => `delete_checkpoint:${key}`;

/**
 * What of a task's work lies in R2. Each upload has a key of its own, and is the checkpoint only once
 * it is whole and its sandbox still is the newest: a half, late or old one replaces nothing. The row
 * to delete a key is written before there is anything under it, and taken back while the key is the
 * checkpoint: whatever dies in between, nothing stays in R2 for ever. Call all in a transaction.
 */
export class Checkpoints {
  readonly #store: TaskStore;

  constructor(store: TaskStore) {
    this.#store = store;
  }

  /**
   * Names a new upload. Past the bound it gets the name of the oldest that is open, which must have
   * broken off: should it still come to its end, one of the two is refused.
   *
   * @param id makes it unique.
   */
  open(generation: number, part: CheckpointPart, id: string, now: number): string {
    const folder = `${this.#taskId}/${generation}/${part}/`;
    const open = this.#open(folder, now);
    const key = open.length < UPLOADS_OPEN_MAX ? `${folder}${id}` : (open[0] ?? `${folder}${id}`);
    this.#delete(key, now + UPLOAD_WITHIN_MS);
    return key;
  }

  /** The upload under the key is whole: it is the checkpoint from now on. False when it was given up before. */
  keep(generation: number, key: string, news: CheckpointNews, now: number): boolean {
    if (!this.#isOpen(key)) {
      this.#delete(key, now);
      return false;
    }
    this.#store.outbox.takeBack(rowKey(key));
    this.#drop(news.part, now);
    this.#store.checkpoint = { ...this.#store.checkpoint, ...keptPart(news, generation, key) };
    return true;
  }

  /** Its sandbox is not the newest any more, or its task is not at work: what it uploaded goes. */
  refuse(key: string, now: number): void {
    if (this.#isOpen(key)) this.#delete(key, now);
  }

  /** Where the newest part lies; null when there is none. */
  keyOf(part: CheckpointPart): string | null {
    const kept = this.#store.checkpoint[part];
    if (kept === null || kept === undefined) return null;
    // Until uploads had keys of their own, each generation had one.
    return kept.key ?? `${this.#taskId}/${kept.generation}/${part}`;
  }

  /** What the work has changed so far, as a card says it; null before there is anything. */
  changes(): ChangesSummary | null {
    const kept = this.#store.checkpoint.changes;
    if (kept === null || kept === undefined) return null;
    const { key, files, added, removed } = kept;
    return { version: key.slice(key.lastIndexOf('/') + 1), files, added, removed };
  }

  /** The branch at the host holds the work: the bundle is of no use any more. */
  dropBundle(now: number): void {
    this.#drop('bundle', now);
  }

  dropAll(now: number): void {
    for (const part of PARTS) this.#drop(part, now);
  }

  /**
   * Keeps what the next move may need. No state is the last for good: a failed or cancelled task is
   * tried again from its checkpoint, and words to a task that is done, too, go on with its transcript.
   * So an ended task's parts are kept for a time; a done one has nothing that is not at the host but
   * the transcript.
   */
  onMove(before: TaskState, after: TaskState, now: number): void {
    if (!isFinal(before) && isFinal(after)) {
      if (after.is === 'done') this.#drop('bundle', now);
      for (const { key } of this.#kept()) this.#delete(key, now + CHECKPOINT_KEPT_MS);
    }
    if (isFinal(before) && !isFinal(after)) {
      for (const { key } of this.#kept()) this.#store.outbox.takeBack(rowKey(key));
    }
  }

  /** What lay under this key is gone. */
  onDeleted(key: string): void {
    for (const kept of this.#kept()) if (kept.key === key) this.#forget(kept.part);
  }

  #kept(): Kept[] {
    return PARTS.flatMap((part) => {
      const key = this.keyOf(part);
      return key === null ? [] : [{ key, part }];
    });
  }

  #drop(part: CheckpointPart, now: number): void {
    const key = this.keyOf(part);
    if (key === null) return;
    this.#delete(key, now);
    this.#forget(part);
  }

  #forget(part: CheckpointPart): void {
    this.#store.checkpoint = { ...this.#store.checkpoint, [part]: null };
  }

  #delete(key: string, at: number): void {
    this.#store.outbox.add({ key: rowKey(key), effect: { do: 'delete_checkpoint', key } }, at);
  }

  /** Uploads in this folder that have begun, the oldest first. */
  #open(folder: string, now: number): string[] {
    return this.#store.outbox
      .all()
      .flatMap(({ effect, dueAt }) =>
        effect.do === 'delete_checkpoint' && effect.key.startsWith(folder) && dueAt > now
          ? [effect.key]
          : [],
      );
  }

  #isOpen(key: string): boolean {
    return this.#store.outbox.all().some((row) => row.key === rowKey(key));
  }

  get #taskId(): string {
    const head = this.#store.head();
    if (head === null) throw new Error('This object holds no task.');
    return head.spec.taskId;
  }
}
