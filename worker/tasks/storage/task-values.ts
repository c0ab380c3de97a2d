import * as z from 'zod/mini';
import type { Attachment } from '../../../protocol/attachment.ts';
import type { WorkerModel } from '../../../protocol/model.ts';
import type { ViewedMark } from '../../../protocol/changes.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import { KeptValues } from '../../platform/kept-values.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import type { TaskSpec } from '../api.ts';
import type { FeedbackRef } from '../lifecycle/outbox-effect.ts';
import type { Slot, TaskRecord } from '../lifecycle/state.ts';
import type { CheckpointRecord, IssuePoll, TaskHead } from './rows.ts';
import { type Traces, salvagedRecord } from './salvage.ts';
import type { ClearedPush, EffectEnded, KeptTaskValues } from './task-keys.ts';
import { GOES_ON_FROM, TASK_VALUES } from './task-keys.ts';
import { withMark } from './viewed.ts';

/** What the person reads where a task should stand. */
export const UNREADABLE_HEAD =
  'What this task was to do can no longer be read. What it pushed stays at the git host; ask for it anew.';
/** Files that a task may be given after its beginning: each sandbox fetches them all. */
const ATTACHED_MAX = 100;
const RunnerCursor = z.int().check(z.nonnegative());

/** What a task keeps under a key each. One that cannot be read counts as not there, unless it says more. */
export abstract class TaskValues {
  readonly setAside: SetAside;
  /** Why the storage was not opened; then there is nothing to read, and nothing is written. */
  closed: string | null = null;
  readonly #kv: DurableObjectStorage['kv'];
  readonly #values: KeptValues<KeptTaskValues>;

  constructor(storage: DurableObjectStorage, setAside: SetAside) {
    this.#kv = storage.kv;
    this.setAside = setAside;
    this.#values = new KeptValues(storage, setAside, TASK_VALUES);
  }

  /** What the rest of the storage tells of a record that cannot be read. */
  protected abstract traces(): Omit<Traces, 'mode' | 'generation'>;

  /** Null when there is no task, or when what it is to do cannot be read. */
  head(): TaskHead | null {
    return this.closed === null ? this.#values.get('head') : null;
  }

  /** True when something was created here, whether or not it can be read. */
  get holdsTask(): boolean {
    return this.#values.raw('head') !== undefined;
  }

  /** Why the task that is here has no head, in one plain sentence; null when it has, and where there is no task. */
  get unreadable(): string | null {
    if (!this.holdsTask || this.head() !== null) return null;
    return this.closed ?? UNREADABLE_HEAD;
  }

  /** True once the main thread knows that this task cannot be read. */
  get unreadableTold(): boolean {
    return this.#values.get('unreadable_told') ?? false;
  }

  set unreadableTold(told: boolean) {
    this.#values.put('unreadable_told', told);
  }

  /** What the task goes on from, as it is stored; not what belongs to this life of the object. */
  keptValues(): Record<string, unknown> {
    return Object.fromEntries(GOES_ON_FROM.map((key) => [key, this.#values.get(key)]));
  }

  /** The same into an empty task, the head last: with it there is a task here. */
  restoreValues(values: Record<string, unknown>): void {
    for (const key of GOES_ON_FROM) {
      const value = values[key];
      if (value !== undefined && value !== null) this.#restore(key, value);
    }
  }

  #restore<K extends keyof KeptTaskValues>(key: K, value: unknown): void {
    const read = this.setAside.read(TASK_VALUES[key], { table: 'kv', key }, value);
    if (read !== null) this.#values.put(key, read);
  }

  protected set keptHead(head: TaskHead) {
    this.#values.put('head', head);
  }

  /** Changes what the task was made with; a model that it had before stays allowed for the turn that runs. */
  changeSpec(change: Partial<TaskSpec>): void {
    const head = this.head();
    if (head === null) return;
    const spec = { ...head.spec, ...change };
    this.#values.put('models', [...new Set([...this.models(), spec.model])]);
    this.keptHead = { ...head, spec };
  }

  /** Every model that this task was ever given. */
  models(): WorkerModel[] {
    const head = this.head();
    return this.#values.get('models') ?? (head === null ? [] : [head.spec.model]);
  }

  /** Feedback that was given to the worker: `open` waits for an answer in its thread. */
  get feedback(): { seen: string[]; open: FeedbackRef[] } {
    return this.#values.get('feedback') ?? { seen: [], open: [] };
  }

  set feedback(feedback: { seen: string[]; open: FeedbackRef[] }) {
    this.#values.put('feedback', feedback);
  }

  /** Most that the task may cost, in US dollars: as it began, or as it was raised to. */
  get budget(): number | null {
    return this.#values.get('budget') ?? this.head()?.spec.budget ?? null;
  }

  set budget(limit: number) {
    this.#values.put('budget', limit);
  }

  /** What the main thread was last told about the task's place among those at work. */
  get slotTold(): Slot | null {
    return this.#values.get('slot_told');
  }

  set slotTold(slot: Slot) {
    this.#values.put('slot_told', slot);
  }

  /** The issue at the git host that goes with the task; null when there is none. */
  get issue(): PullRequest | null {
    return this.#values.get('issue');
  }

  set issue(issue: PullRequest) {
    this.#values.put('issue', issue);
  }

  /** Until when the git host wants to be left alone, in milliseconds since 1970; 0 when it never said. */
  get hostOpensAt(): number {
    return this.#values.get('host_opens_at') ?? 0;
  }

  set hostOpensAt(at: number) {
    this.#values.put('host_opens_at', at);
  }

  /** When the issue's comments are read next, below the decision that waits for one. */
  get issuePoll(): IssuePoll | null {
    return this.#values.get('issue_poll');
  }

  set issuePoll(poll: IssuePoll) {
    this.#values.put('issue_poll', poll);
  }

  /** The one push that may reach the host; null before the first. */
  get cleared(): ClearedPush | null {
    return this.#values.get('cleared');
  }

  set cleared(push: ClearedPush) {
    this.#values.put('cleared', push);
  }

  /** Where the task stands. One that cannot be read reads as a failed task. */
  get record(): TaskRecord {
    if (!this.holdsTask) throw new Error('This object holds no task.');
    return this.#values.get('record') ?? this.#salvaged();
  }

  set record(record: TaskRecord) {
    this.#values.put('record', record);
  }

  /** The failed task that stands for a record which cannot be read; null when it can. */
  get damagedRecord(): TaskRecord | null {
    return this.#values.get('record') === null ? this.#salvaged() : null;
  }

  /** What the task does now, for its card. */
  get note(): string | null {
    return this.#values.get('note');
  }

  set note(note: string | null) {
    this.#values.put('note', note);
  }

  /** The number of the Workflow's wait that a change must end; null when it waits for nothing. */
  get wait(): number | null {
    return this.#values.get('wait');
  }

  set wait(wait: number | null) {
    this.#values.put('wait', wait);
  }

  /** Hashes of the secrets that open the gateway for a sandbox: each try to start it was given one. */
  tokenHashes(generation: number): string[] {
    // Not by way of what is set aside: what opens something is not shown, whatever became of it.
    const hashes = z.array(z.string()).safeParse(this.#kv.get<unknown>(`token:${generation}`));
    return hashes.success ? hashes.data : [];
  }

  /** Keeps the newest generation's only. */
  keepTokenHashes(generation: number, hashes: string[]): void {
    for (const [key] of this.#kv.list({ prefix: 'token:' })) this.#kv.delete(key);
    this.#kv.put(`token:${generation}`, hashes);
  }

  /** When its branch was last seen with new work of its own. */
  get pushedAt(): number | null {
    return this.#values.get('pushed_at');
  }

  set pushedAt(at: number) {
    this.#values.put('pushed_at', at);
  }

  /** What had to be done outside and was given up last; null where the same succeeded since. */
  get effectEnded(): EffectEnded | null {
    return this.#values.get('effect_ended');
  }

  set effectEnded(ended: EffectEnded) {
    this.#values.put('effect_ended', ended);
  }

  /** An effect of this kind succeeded. */
  effectDone(what: string): void {
    if (this.effectEnded?.do === what) this.#kv.delete('effect_ended');
  }

  /** Changes of files that the person has looked at, those looked at last in front. */
  get viewed(): ViewedMark[] {
    return this.#values.get('viewed') ?? [];
  }

  markViewed(mark: ViewedMark, isViewed: boolean): void {
    this.#values.put('viewed', withMark(this.viewed, mark, isViewed));
  }

  get checkpoint(): CheckpointRecord {
    return this.#values.get('checkpoint') ?? { bundle: null, transcript: null };
  }

  set checkpoint(checkpoint: CheckpointRecord) {
    this.#values.put('checkpoint', checkpoint);
  }

  /** All that the person attached to it, in the order in which it came, each once. */
  attachments(): Attachment[] {
    const since = this.#values.get('attachments') ?? [];
    const all = [...(this.head()?.spec.attachments ?? []), ...since];
    return [...new Map(all.map((one) => [one.id, one])).values()];
  }

  /** The worker is given these, too. The oldest beyond the bound are forgotten. */
  addAttachments(added: readonly Attachment[]): void {
    const since = this.#values.get('attachments') ?? [];
    const now = [...since, ...added].slice(-ATTACHED_MAX);
    if (added.length > 0) this.#values.put('attachments', now);
  }

  /** The newest generation whose set-up is over; 0 before the first. */
  get setupOver(): number {
    return this.#values.get('setup_over') ?? 0;
  }

  set setupOver(generation: number) {
    this.#values.put('setup_over', generation);
  }

  /** Highest number of a runner's events that is stored for its generation. */
  runnerCursor(generation: number): number {
    return this.#values.getBy(`runner:${generation}`, RunnerCursor) ?? 0;
  }

  setRunnerCursor(generation: number, number: number): void {
    this.#kv.put(`runner:${generation}`, number);
  }

  /** Reads them all, so that those that cannot be read are named. */
  inspectValues(): void {
    this.#values.inspect();
    for (const [key] of this.#kv.list({ prefix: 'runner:' })) this.#values.getBy(key, RunnerCursor);
  }

  #salvaged(): TaskRecord {
    const generations = ['token:', 'runner:'].flatMap((prefix) =>
      [...this.#kv.list({ prefix })].map(([key]) => Number(key.slice(prefix.length))),
    );
    return salvagedRecord(this.#values.raw('record'), {
      ...this.traces(),
      mode: this.head()?.spec.mode ?? 'direct',
      generation: Math.max(0, ...generations.filter(Number.isInteger)),
    });
  }
}
