import { ulid } from 'ulid';
import { equipmentWords } from '../../../protocol/equipment-words.ts';
import { boundedBody } from '../../../protocol/event-bounds.ts';
import {
  type Brief,
  type CheckpointPart,
  EVENT_BATCH_MAX,
  type EventBatch,
  type EventReceipt,
  type Mailbox,
  type NextTurn,
  type RunnerEvent,
} from '../../../protocol/runner.ts';
import { redactedBody } from '../../../protocol/redaction/redacted-body.ts';
import type { RunnerEventBody } from '../../../protocol/task-event.ts';
import type { Env } from '../../env.ts';
import type { Pass, TaskScope } from '../../gateway/pass.ts';
import { type Admitted, ok, refuse } from '../../gateway/refusal.ts';
import { sameSecret } from '../../gateway/token.ts';
import { redactor } from '../../platform/redactor.ts';
import { secretHash } from '../../platform/secret-hash.ts';
import { workerModelName } from '../../models/names.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { LongPoll } from '../../platform/long-poll.ts';
import type { CheckpointNews } from './checkpoints.ts';
import { type Decisions, hashOf } from '../decisions/decisions.ts';
import { heldCommit, withPower } from '../decisions/push-hold.ts';
import { noteOf, timeOf } from './progress.ts';
import { isPause } from '../lifecycle/pauses.ts';
import { hasSandbox } from '../lifecycle/state.ts';
import type { TaskStore } from '../storage/task-store.ts';

type Models = Pick<Env, 'MODEL_OPUS' | 'MODEL_SONNET' | 'MODEL_HAIKU'>;

/** Where a runner is served: nobody but the newest sandbox of a task that is at work. */
export class RunnerApi {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #mail: LongPoll;
  readonly #models: Models;
  readonly #decisions: Decisions;
  /** When this instance last heard of the runner; 0 when it never did, as after a restart. */
  heardAt = 0;

  constructor(parts: {
    store: TaskStore;
    aggregate: TaskAggregate;
    mail: LongPoll;
    decisions: Decisions;
    models: Models;
  }) {
    this.#store = parts.store;
    this.#aggregate = parts.aggregate;
    this.#mail = parts.mail;
    this.#decisions = parts.decisions;
    this.#models = parts.models;
  }

  admit(pass: Pass): Admitted<TaskScope> {
    const head = this.#store.head();
    if (head === null) return refuse('unauthorized', 'This token opens nothing.');
    const { record } = this.#store;
    if (pass.generation < record.generation) {
      return refuse('gone', 'A newer sandbox has taken over.');
    }
    const hash = secretHash(pass.secret);
    if (!this.#store.tokenHashes(pass.generation).some((one) => sameSecret(one, hash))) {
      return refuse('unauthorized', 'This token opens nothing.');
    }
    if (!hasSandbox(record.state)) {
      return refuse('gone', 'This task is not at work any more.');
    }
    const { personId, taskId, repository, branch, baseBranch } = head.spec;
    const models = [
      ...this.#store.models().map((model) => workerModelName(this.#models, model)),
      this.#models.MODEL_HAIKU,
    ];
    const { generation } = pass;
    return ok({ personId, taskId, generation, repository, branch, baseBranch, models });
  }

  /** As `admit`, for the model's gateway: while the task may cost something. */
  admitModel(pass: Pass): Admitted<TaskScope> {
    const admitted = this.admit(pass);
    if (admitted.is === 'refused') return admitted;
    // The worker begins: from now on nobody here may ask for secrets, or say what a set-up wrote.
    if (this.#store.setupOver < pass.generation) this.#store.setupOver = pass.generation;
    const isOver = this.#store.transaction(() => this.#aggregate.pauseForBudget());
    const { state } = this.#store.record;
    const isPaused = state.is === 'waiting' && isPause(state.what);
    return isOver || isPaused
      ? refuse('over_budget', 'The budget is spent: no model call is made for this task now.')
      : admitted;
  }

  /** @param isTrusted whether workers get what the repository brings for them. */
  brief(pass: Pass, isTrusted: boolean, signing: Pick<Brief, 'author' | 'asker'>): Admitted<Brief> {
    const admitted = this.admit(pass);
    if (admitted.is === 'refused') return admitted;
    const { generation } = pass;
    this.#hear(generation, false);
    const { bundle, transcript, setup } = this.#store.checkpoint;
    const { taskId, title, prompt, repository, baseBranch, branch, model } = this.#aggregate.spec();
    const mail = this.#store.mail();
    const decided = mail.find((item) => 'toolUseId' in item);
    return ok({
      taskId,
      generation,
      title,
      prompt,
      repository,
      baseBranch,
      branch,
      model: workerModelName(this.#models, model),
      context: this.#aggregate.spec().context,
      fresh: this.#store.record.fresh,
      mode: this.#store.record.mode,
      decided: decided !== undefined && 'toolUseId' in decided ? decided.toolUseId : null,
      hasMail: mail.some((item) => item.type === 'message'),
      smallModel: this.#models.MODEL_HAIKU,
      lastEvent: this.#store.runnerCursor(generation),
      checkpoint:
        bundle === null && transcript === null
          ? null
          : { commit: bundle?.commit ?? null, sessionId: transcript?.sessionId ?? null },
      attachments: this.#store.attachments(),
      equipment: { isTrusted, commit: this.#store.equipment.get()?.commit ?? null },
      setup: setup?.from ?? null,
      ...signing,
    });
  }

  /** Stores what follows without a gap on what is stored; anything else the runner sends again. */
  async receive(pass: Pass, batch: EventBatch): Promise<Admitted<EventReceipt>> {
    // A sandbox is not believed: what its own runner takes out and cuts is looked for here, too.
    const events = batch.events
      .slice(0, EVENT_BATCH_MAX)
      .map((event) => ({ ...event, body: boundedBody(redactedBody(redactor, event.body)) }));
    const hashes = await planHashes(events);
    const admitted = this.admit(pass);
    if (admitted.is === 'refused') return admitted;
    const { generation } = pass;
    let stored = this.#store.runnerCursor(generation);
    const progress = events.some(({ number }) => number === stored + 1);
    this.#hear(generation, progress);
    this.#store.transaction(() => {
      this.#store.removeMail(batch.acknowledged);
      for (const { number, at, body } of events) {
        if (number !== stored + 1) continue;
        stored = number;
        if (body.type === 'result') {
          const result = withPower(body.result, this.#store.cleared);
          this.#aggregate.apply({ on: 'result', generation, result });
          this.#aggregate.goOnIfPrompted();
          break;
        }
        this.#take(generation, at, body, hashes);
      }
      this.#store.setRunnerCursor(generation, stored);
    });
    return ok({ stored });
  }

  /** Held open until there is mail; empty when the wait is over. */
  async mailbox(pass: Pass, waitMs: number): Promise<Admitted<Mailbox>> {
    const admitted = this.admit(pass);
    if (admitted.is === 'refused') return admitted;
    if (this.#store.mail().length === 0) await this.#mail.wait(waitMs);
    const still = this.admit(pass);
    return still.is === 'refused' ? still : ok({ items: this.#store.mail() });
  }

  /** As `admit`, for a sandbox whose worker has not begun. */
  admitSetup(pass: Pass): Admitted<TaskScope> {
    const admitted = this.admit(pass);
    return admitted.is === 'ok' && this.#store.setupOver >= pass.generation
      ? refuse('forbidden', 'The set-up of this sandbox is over.')
      : admitted;
  }

  /** The key under which the runner's next upload of this part is to be put. */
  openCheckpoint(pass: Pass, part: CheckpointPart): Admitted<string> {
    // What a worker could write would run in the next sandbox while that asks for secrets.
    const admitted = part === 'setup' ? this.admitSetup(pass) : this.admit(pass);
    if (admitted.is === 'refused') return admitted;
    const { checkpoints } = this.#aggregate;
    const open = () => checkpoints.open(pass.generation, part, ulid(), Date.now());
    return ok(this.#store.transaction(open));
  }

  /**
   * The upload is whole. Whether it counts is decided now, not when it began: a sandbox may have been
   * replaced meanwhile, and what it knew is older than what the next one has kept since.
   */
  checkpointed(pass: Pass, key: string, news: CheckpointNews): Admitted<null> {
    const { checkpoints } = this.#aggregate;
    return this.#store.transaction((): Admitted<null> => {
      const admitted = this.admit(pass);
      if (admitted.is === 'refused') {
        if (this.#store.head() !== null) checkpoints.refuse(key, Date.now());
        return admitted;
      }
      return checkpoints.keep(pass.generation, key, news, Date.now())
        ? ok(null)
        : refuse('not_found', 'That upload took too long.');
    });
  }

  /** Where the newest part lies; null when there is none. */
  checkpointKey(pass: Pass, part: CheckpointPart): Admitted<string | null> {
    const admitted = this.admit(pass);
    if (admitted.is === 'refused') return admitted;
    return ok(this.#aggregate.checkpoints.keyOf(part));
  }

  /** Whether this is one of the task's own files; refused in the words for what is not there. */
  attachment(pass: Pass, id: string): Admitted<TaskScope> {
    const admitted = this.admit(pass);
    if (admitted.is === 'refused') return admitted;
    const isOwn = this.#store.attachments().some((one) => one.id === id);
    return isOwn ? admitted : refuse('not_found', 'There is no such file.');
  }

  /** What the mailbox holds, or the queue's first message, which is in the mailbox from then on. */
  nextTurn(pass: Pass): Admitted<NextTurn> {
    const admitted = this.admit(pass);
    if (admitted.is === 'refused') return admitted;
    const hasMail = this.#store.transaction(() => this.#aggregate.postNext());
    return ok({ hasMail, model: workerModelName(this.#models, this.#aggregate.spec().model) });
  }

  #take(
    generation: number,
    at: number,
    body: RunnerEventBody,
    hashes: ReadonlyMap<string, string>,
  ): void {
    // A push is held under such a name: what a person says to it must be about what they were shown.
    if ('toolUseId' in body && heldCommit(body.toolUseId ?? '') !== null) return;
    if (body.type === 'equipment') {
      this.#takeEquipment(generation, at, body);
      return;
    }
    this.#aggregate.note(timeOf(at, Date.now()), body);
    this.#store.note = noteOf(body) ?? this.#store.note;
    switch (body.type) {
      case 'question':
        this.#decisions.askQuestions(generation, body.toolUseId, body.questions);
        break;
      case 'plan':
        this.#decisions.presentPlan(
          generation,
          body.toolUseId,
          body.text,
          hashes.get(body.text) ?? '',
        );
        break;
      case 'interrupted':
        this.#decisions.awaitWord(generation);
        break;
      default:
        break;
    }
  }

  /** From which commit the next sandbox takes its equipment is nothing that a worker may say. */
  #takeEquipment(
    generation: number,
    at: number,
    { type, ...said }: Extract<RunnerEventBody, { type: 'equipment' }>,
  ): void {
    if (this.#store.setupOver >= generation) return;
    const brought = this.#store.equipment.keep(said);
    // That there is nothing is no line of the activity.
    if (equipmentWords(brought, null) === '') return;
    this.#aggregate.note(timeOf(at, Date.now()), { type, ...brought });
  }

  #hear(generation: number, progress: boolean): void {
    this.heardAt = Date.now();
    this.#store.transaction(() =>
      this.#aggregate.apply({ on: 'sign_of_life', generation, progress }),
    );
  }
}

/** The hashes of the batch's plans by their text: hashing waits, and a transaction must not. */
async function planHashes(events: readonly RunnerEvent[]): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const { body } of events) {
    if (body.type === 'plan') hashes.set(body.text, await hashOf(body.text));
  }
  return hashes;
}
