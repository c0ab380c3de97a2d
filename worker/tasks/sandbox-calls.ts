import type {
  Brief,
  CheckpointPart,
  EventBatch,
  EventReceipt,
  Mailbox,
  NextTurn,
} from '../../protocol/runner.ts';
import type { PushVerdict } from '../../protocol/power.ts';
import type { SetupAnswer, SetupRequest } from '../../protocol/setup.ts';
import type { EgressAnswer } from '../gateway/egress.ts';
import type { EgressRequest } from '../gateway/egress-decision.ts';
import type { Pass, TaskScope } from '../gateway/pass.ts';
import { type Admitted, ok, refuse } from '../gateway/refusal.ts';
import type { CallUsage, ModelCall } from '../models/model-call.ts';
import { log } from '../platform/log.ts';
import { hasSandbox } from './lifecycle/state.ts';
import type { PushSeen } from './decisions/push-hold.ts';
import type { CheckpointNews } from './runner/checkpoints.ts';
import { TaskObject } from './task-object.ts';

/** Shortest wait for a Claude plan's limit, whatever the host says. */
const PLAN_LIMIT_AT_LEAST_MS = 60_000;

/** What a sandbox asks of its task by way of the gateway, each call with its pass; and what its host asks. */
export abstract class SandboxCalls extends TaskObject {
  async admit(pass: Pass): Promise<Admitted<TaskScope>> {
    return this.parts.runnerApi.admit(pass);
  }

  /** As `admit`, for the model's gateway. */
  async admitModel(pass: Pass): Promise<Admitted<TaskScope>> {
    const admitted = this.parts.runnerApi.admitModel(pass);
    if (admitted.is === 'refused') if (this.isUsed) await this.settle();
    return admitted;
  }

  /** Sets money aside for a call to the model. False where it has to be asked for again later. */
  async reserveCall(pass: Pass, call: ModelCall): Promise<Admitted<boolean>> {
    const reserved = await this.parts.modelCalls.reserve(pass, call);
    if (this.isUsed) {
      if (reserved.is === 'refused') await this.settle();
      this.tellProgress();
    }
    return reserved;
  }

  /** A call to the model is under way, and has used this much as far as is known. */
  async callGoesOn(id: string, usage: CallUsage | null): Promise<void> {
    if (this.isUsed) this.parts.modelCalls.goesOn(id, usage);
  }

  /** A call to the model is over; `null` where it cost nothing. A repeated call changes nothing. */
  async callEnded(id: string, usage: CallUsage | null): Promise<void> {
    if (!this.isUsed) return;
    this.parts.modelCalls.ended(id, usage);
    await this.settle();
    this.tellProgress();
  }

  /** Whether a request may leave the sandbox. One that may not is counted. */
  admitEgress(pass: Pass, asked: EgressRequest): Promise<Admitted<EgressAnswer>> {
    return this.parts.egress.admit(pass, asked);
  }

  async brief(pass: Pass): Promise<Admitted<Brief>> {
    const admitted = this.parts.runnerApi.admit(pass);
    if (admitted.is === 'refused') return admitted;
    // As it is set now: what was changed since the task began counts for its next sandbox.
    const settings = await this.parts.sandboxSettings.read().catch(() => null);
    if (settings === null) {
      return refuse('unavailable', 'What is set for this repository cannot be read now.');
    }
    const signing = await this.#signing(admitted.value);
    const answer = this.parts.runnerApi.brief(pass, settings.trusted, signing);
    if (answer.is === 'ok') await this.settle();
    return answer;
  }

  /** Whose names stand at the commits. That nobody can be asked now holds no work up: then they are Mainloop's. */
  async #signing({ personId, repository }: TaskScope): Promise<Pick<Brief, 'author' | 'asker'>> {
    const ports = this.ports();
    const [author, asker] = await Promise.all([
      ports.github.author(repository),
      ports
        .thread(personId)
        .asker(repository)
        .catch(() => null),
    ]);
    return {
      author: author.is === 'ok' ? author.value : null,
      asker: asker === null ? null : { name: asker.name, email: asker.email },
    };
  }

  /** The repository's variables and secrets, before the worker begins. */
  async setup(pass: Pass, request: SetupRequest): Promise<Admitted<SetupAnswer>> {
    const admitted = this.parts.runnerApi.admitSetup(pass);
    if (admitted.is === 'refused') return admitted;
    const { personId, repository } = admitted.value;
    const values = await this.ports().thread(personId).setupValues(repository, request);
    // Meanwhile it may have been replaced.
    const still = this.parts.runnerApi.admitSetup(pass);
    if (still.is === 'refused') return still;
    log.info('task.setup_given', {
      taskId: admitted.value.taskId,
      generation: pass.generation,
      for: request.for,
      names: values.values.map(({ name }) => name).join(' '),
    });
    return ok(values);
  }

  async receive(pass: Pass, batch: EventBatch): Promise<Admitted<EventReceipt>> {
    const answer = await this.parts.runnerApi.receive(pass, batch);
    if (answer.is === 'ok') {
      await this.settle();
      this.tellProgress();
    }
    return answer;
  }

  /** Whether what a sandbox would push may reach the host. */
  async clearPush(pass: Pass, seen: PushSeen): Promise<Admitted<PushVerdict>> {
    const answer = await this.parts.clearance.clear(pass, seen);
    if (answer.is === 'ok' && answer.value.is === 'held') await this.settle();
    return answer;
  }

  async isCleared(pass: Pass, before: string, after: string): Promise<boolean> {
    return this.parts.clearance.isCleared(pass, before, after);
  }

  mailbox(pass: Pass, waitMs: number): Promise<Admitted<Mailbox>> {
    return this.parts.runnerApi.mailbox(pass, waitMs);
  }

  async nextTurn(pass: Pass): Promise<Admitted<NextTurn>> {
    const answer = this.parts.runnerApi.nextTurn(pass);
    await this.settle();
    return answer;
  }

  async openCheckpoint(pass: Pass, part: CheckpointPart): Promise<Admitted<string>> {
    return this.parts.runnerApi.openCheckpoint(pass, part);
  }

  async checkpointed(pass: Pass, key: string, news: CheckpointNews): Promise<Admitted<null>> {
    const answer = this.parts.runnerApi.checkpointed(pass, key, news);
    // The one before it goes now, or this one does.
    if (this.isUsed) await this.settle();
    if (answer.is === 'ok' && news.part === 'changes') this.tellProgress();
    return answer;
  }

  /** As `admit`, for one of the task's own files. */
  async admitAttachment(pass: Pass, id: string): Promise<Admitted<TaskScope>> {
    return this.parts.runnerApi.attachment(pass, id);
  }

  async checkpointKey(pass: Pass, part: CheckpointPart): Promise<Admitted<string | null>> {
    return this.parts.runnerApi.checkpointKey(pass, part);
  }

  /** False once another sandbox took its place, or none is needed: then it may end. */
  async wantsSandbox(generation: number): Promise<boolean> {
    // One that cannot be read now may want it after the next deploy.
    if (this.store.unreadable !== null) return true;
    if (!this.isUsed) return false;
    const { record } = this.store;
    return hasSandbox(record.state) && record.generation === generation;
  }

  /** The platform says that a sandbox ended: nobody need wait for its silence. */
  async sandboxEnded(generation: number): Promise<void> {
    await this.move({ on: 'sandbox_gone', generation });
  }

  /** The Messages API says that the Claude plan's limit is reached, until the given time. */
  async planLimit(pass: Pass, until: number): Promise<void> {
    if (this.parts.runnerApi.admit(pass).is === 'refused') return;
    if (this.aggregate.spec().waitsForPlan) {
      // A time that is over already would have it knock again and again.
      const later = Math.max(until, Date.now() + PLAN_LIMIT_AT_LEAST_MS);
      await this.move({ on: 'pause', what: { for: 'plan_limit', until: later }, budget: null });
    }
  }
}
