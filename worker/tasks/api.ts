import type { Asker } from '../../protocol/author.ts';
import * as z from 'zod/mini';
import type { Attachment } from '../../protocol/attachment.ts';
import type { ChangesSummary } from '../../protocol/changes.ts';
import type { DecidedBy, Plan, Question } from '../../protocol/decision.ts';
import type { BudgetScope, InboxItem, InboxOutcome, ReviewChecks } from '../../protocol/inbox.ts';
import { TaskId } from '../../protocol/ids.ts';
import type { Usage, WorkerModel } from '../../protocol/model.ts';
import type { PullRequest, TaskSummary, TaskMode } from '../../protocol/task.ts';
import type { RepositorySettings } from '../../protocol/settings.ts';
import type { SetupAnswer, SetupRequest } from '../../protocol/setup.ts';
import type { RebuildAnswer } from '../../protocol/rebuild.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { Slot } from './lifecycle/state.ts';
import type { WaitsFor } from './lifecycle/waits-for.ts';

/** The verified subject of a person: names the MainThread, and with a task id the Task. */
const PersonId = z.string().check(z.minLength(1), z.maxLength(300));
type PersonId = z.infer<typeof PersonId>;

/**
 * Name of a task's object. The person is part of it, so that another person's request for the same
 * task id reaches an empty object and gets the answer for what does not exist.
 */
export function taskObjectName(personId: PersonId, taskId: string): string {
  return `${taskId}:${personId}`;
}

/** Task and person of an object's name; null for the person where it is no task's. */
export function idsOf(objectName: string): [taskId: string, personId: string | null] {
  const [taskId = '', ...person] = objectName.split(':');
  return [taskId, person.length === 0 ? null : person.join(':')];
}

/** The queue's message and the Workflow's parameters: whom to look at, and no state. */
export const Dispatch = z.object({ personId: PersonId, taskId: TaskId, attempt: z.int() });
export type Dispatch = z.infer<typeof Dispatch>;

/** What a task is to do, fixed when the main thread starts it. */
export type TaskSpec = {
  personId: PersonId;
  taskId: string;
  title: string;
  prompt: string;
  repository: string;
  baseBranch: string;
  branch: string;
  model: WorkerModel;
  mode: TaskMode;
  /** Most that it may cost, in US dollars; null without a limit. */
  budget: number | null;
  /** Whether to wait when the Claude plan's limit is reached, or to fail. */
  waitsForPlan: boolean;
  /** What the person wants every worker to know: instructions and memory, as Markdown. */
  context: string;
  /** Whether an issue at the git host shows its questions and plans. */
  withIssue: boolean;
  /** Files of the person that it is about; absent where there are none. */
  attachments?: Attachment[] | undefined;
};

/** What the conversation should say about a task, in a sentence or two that the model phrases. */
export type TaskNotice =
  /** A draft is there, and its checks run: said by earlier versions, of which one may be on its way. */
  | { is: 'opened'; pullRequest: PullRequest }
  | { is: 'review'; pullRequest: PullRequest; summary: string; checks: ReviewChecks }
  | { is: 'question'; questions: Question[] }
  | { is: 'plan'; plan: Plan }
  | { is: 'answered'; summary: string }
  | { is: 'failed'; reason: string }
  | { is: 'merged'; pullRequest: PullRequest }
  | { is: 'closed'; pullRequest: PullRequest }
  | { is: 'recovered'; reason: string }
  /** Something that it had to do elsewhere was tried and given up. */
  | { is: 'not_done'; reason: string }
  /** Most of the money is spent (80 %). */
  | { is: 'budget_near'; scope: BudgetScope; limit: number; used: number }
  | { is: 'budget_spent'; scope: BudgetScope; limit: number; used: number }
  | { is: 'plan_limit'; until: number };

/** What one task has cost on the newest UTC day (`YYYY-MM-DD`) on which it cost something. */
export type Spent = { day: string; cost: number };

/** What a Task tells its MainThread after each durable change, at least once, in order. */
export type TaskReport = {
  /** Counts this task's reports from 1; a number seen before changes nothing. */
  number: number;
  task: TaskSummary;
  /** `revise`: what the item of this kind that is open shows now; nothing where none is. */
  inbox:
    | { is: 'open' | 'revise'; item: InboxItem }
    | { is: 'settle'; outcome: InboxOutcome }
    | null;
  notice: TaskNotice | null;
  slot: Slot;
  spent: Spent | null;
};

/** What a Task tells in between; a lost one is made good by the next. */
export type TaskProgress = {
  taskId: string;
  /** Number of the task's last report when this was said: a later report says more. */
  report: number;
  note: string | null;
  usage: Usage;
  changes: ChangesSummary | null;
  spent: Spent | null;
  openCalls: OpenCalls;
};

/**
 * What a task's calls to models that are under way may cost at most, in US dollars. A later word has a
 * greater revision. `asks` is that of the word with which one more is being asked for, which does not
 * count yet; null while none is.
 */
export type OpenCalls = { worst: number; revision: number; asks: number | null };

/** Whether the day has money for one more call; `held` while calls under way may use up what is left. */
export type DayAnswer = { is: 'ok' } | { is: 'held' } | { is: 'over'; limit: number; used: number };

/** What the person has set for sandboxes in a repository. */
export type SandboxSettings = Pick<RepositorySettings, 'egress' | 'instance' | 'trusted'>;

/** The MainThread as a Task sees it. */
export type ThreadApi = {
  /** `closed`: it takes nothing now, as while it is rebuilt or imported, and has to be told again. */
  taskReport(report: TaskReport): Promise<'taken' | 'closed'>;
  taskProgress(progress: TaskProgress): Promise<void>;
  /** Sets the worst case of one more call, in US dollars, aside from the day's money; `open` is without it. */
  reserveOfDay(taskId: string, worst: number, open: OpenCalls): Promise<DayAnswer>;
  /** The task can no longer tell anything; `reason` is for the person. A repeated call changes nothing. */
  taskUnreadable(taskId: string, reason: string): Promise<void>;
  /** As it is set now. */
  sandboxSettings(repository: string): Promise<SandboxSettings>;
  /** The repository's variables and secrets, with their values. */
  setupValues(repository: string, request: SetupRequest): Promise<SetupAnswer>;
  /** The person as the git host may show them at this repository; null where it may not. */
  asker(repository: string): Promise<Asker | null>;
};

/** The answer to a command that may be too late or impossible; `text` is for the person. */
export type TaskCommandResult =
  /** `tookBack` are ids of attachments that went with messages and are the task's no more. */
  { is: 'done'; tookBack?: string[] | undefined } | { is: 'refused'; text: string };

/** A command that is carried out at once. To merge or to mend, the git host has to be asked first. */
export type InstantCommand = Exclude<TaskCommand, { do: 'merge' | 'mend' }>;

/** The same door within the Task, for what is read at the git host: inside the caller's transaction. */
export type Act = (id: string, command: InstantCommand, by: DecidedBy) => TaskCommandResult;

/** What a Task says of itself when its MainThread asks. */
export type TaskStanding = {
  summary: TaskSummary;
  slot: Slot;
  /** Number of its newest report, 0 before the first. */
  reports: number;
  /** What it needs of the person, for which the inbox has an item. */
  waitsFor: WaitsFor | null;
  /** True once all of its reports were taken: the two may be compared. */
  told: boolean;
};

/** How a task's parts are, for the operator. Times are in milliseconds since 1970. */
export type TaskVitals = {
  /** Rows that wait for Postgres, and since when it takes none. */
  history: { rows: number; behindSince: number | null };
  /** What is to be done outside and was tried in vain: the oldest of it. */
  effect: { what: string; since: number; tries: number } | null;
  /** What was given up last, unless the same succeeded since. */
  ended: { at: number; text: string } | null;
  setAside: number;
  /** `missing`: the task should have a sandbox, and none answers. */
  sandbox: 'none' | 'there' | 'missing';
  /** When its branch was last seen with new work of its own. */
  pushedAt: number | null;
};

/** A Task as the MainThread and the routes see it. */
export type TaskApi = {
  /**
   * Writes the task. With `granted` it is dispatched in the same transaction; without, it waits for
   * `grantSlot`. A repeated call changes nothing but that a grant is taken.
   */
  create(spec: TaskSpec, slot?: 'waiting' | 'granted'): Promise<TaskSummary>;
  /**
   * Null when there is no such task. Being asked has it look after itself, too: what is due is done,
   * and a timer that was lost is set again.
   */
  standing(): Promise<TaskStanding | null>;
  /**
   * Rebuilds a task whose object has lost everything from what Postgres has of it; one that is there is
   * left as it is. One that is imported has lost nothing, and its activity says nothing of it.
   * @throws when Postgres does not answer.
   */
  rebuild(why?: 'lost' | 'imported'): Promise<RebuildAnswer>;
  /** Null when there is no such task. */
  vitals(): Promise<TaskVitals | null>;
  /**
   * Reports anew what it needs of the person, whose item the inbox has lost. `day` is what the person's
   * day may cost and has cost, in US dollars.
   */
  showNeed(day: { limit: number; used: number }): Promise<void>;
  /** Null when there is no such task. */
  summary(): Promise<TaskSummary | null>;
  /** The main thread's word that the task may start work; too late or repeated, it changes nothing. */
  grantSlot(attempt: number): Promise<void>;
  /**
   * Does what is asked, or refuses in plain words; `by` is where a person said so. A repeated `id`
   * acts once and is answered as before.
   */
  command(id: string, command: TaskCommand, by: DecidedBy): Promise<TaskCommandResult>;
  /** The person's money of the day is spent: work stops, and is kept. */
  pauseForDay(limit: number, used: number): Promise<void>;
  /** There is money for the day again. */
  resumeForDay(reason: string): Promise<void>;
};
