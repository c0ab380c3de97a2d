import * as z from 'zod/mini';
import { Attachment } from './attachment.ts';
import { Author } from './author.ts';
import { BranchName, CommitId, RepositoryName, TaskId, Ulid } from './ids.ts';
import { SetupKey } from './setup.ts';
import { RunnerEventBody } from './task-event.ts';
import { TaskMode } from './task.ts';

/** How long a runner may be silent before it counts as lost. */
export const HEARTBEAT_EVERY_MS = 5_000;
/** Largest body of one event batch that a runner sends, in bytes. */
export const EVENT_BATCH_MAX_BYTES = 1_000_000;
/** Largest one that is read: what a report says is cut to its bounds rather than refused. */
export const EVENT_BATCH_READ_MAX_BYTES = 4_000_000;
/** Most events of a batch that are stored at once; the receipt says so, and the others come again. */
export const EVENT_BATCH_MAX = 500;

/** What a runner is told when it asks who it is: `GET /gateway/brief`. */
export const Brief = z.object({
  taskId: TaskId,
  generation: z.int(),
  title: z.string(),
  prompt: z.string(),
  repository: RepositoryName,
  baseBranch: BranchName,
  /** The one branch that may be pushed. */
  branch: BranchName,
  /** What the person wants every worker to know, as Markdown; empty when there is nothing. */
  context: z.string(),
  /** True when the work begins at the base branch, whatever was pushed before. */
  fresh: z.boolean(),
  /** Full model name for Claude Code. */
  model: z.string(),
  /** In whose name the commits are made; null for Mainloop's own. */
  author: z._default(z.nullable(Author), null),
  /** Who is credited with them; null for nobody. */
  asker: z._default(z.nullable(Author), null),
  /** `plan` until a plan was approved. */
  mode: TaskMode,
  /** The tool call that Claude Code's transcript ends in and whose answer is in the mailbox; null when there is none. */
  decided: z.nullable(z.string()),
  /** True when the mailbox holds what comes next: the transcript ends in a finished turn. */
  hasMail: z.boolean(),
  /** Full name of the model for Claude Code's own small calls. */
  smallModel: z.string(),
  /** Events already stored for this generation: the runner numbers on from here. */
  lastEvent: z.int(),
  /** Set when an earlier sandbox left a checkpoint. */
  checkpoint: z.nullable(
    z.object({
      /** Commit at the bundle's tip; null when there was only a transcript. */
      commit: z.nullable(CommitId),
      /** Claude Code's session id, to resume from the transcript. */
      sessionId: z.nullable(z.string()),
    }),
  ),
  /** Everything that the person has attached to this task so far: `GET /gateway/attachments/:id`. */
  attachments: z._default(z.array(Attachment), []),
  /**
   * Whether the repository's equipment is used, and the commit of the base branch that it is read
   * from: null before a sandbox has said which.
   */
  equipment: z._default(z.object({ isTrusted: z.boolean(), commit: z.nullable(CommitId) }), {
    isTrusted: false,
    commit: null,
  }),
  /** What an earlier sandbox's set-up came from, when what it wrote is kept. */
  setup: z.nullable(SetupKey),
});
export type Brief = z.infer<typeof Brief>;

/** How a runner ended. Only evidence at the git host makes `delivered` a success. */
export const RunnerResult = z.discriminatedUnion('is', [
  z.object({
    is: z.literal('delivered'),
    commit: CommitId,
    summary: z.string(),
    /** How it was tested, in the worker's words; an older runner does not say. */
    tested: z.optional(z.nullable(z.string())),
    /** The pull request's title and body, written by the worker. */
    title: z.string(),
    body: z.string(),
  }),
  /** Claude Code ended well and there is nothing to push; `summary` is its answer. */
  z.object({ is: z.literal('nothing_to_deliver'), summary: z.string() }),
  /** Everything is kept and the sandbox can go; the task waits for a person. */
  z.object({ is: z.literal('parked') }),
  z.object({
    is: z.literal('failed'),
    /** One plain sentence for the person. */
    reason: z.string(),
    /** In full, for the log. */
    detail: z.string(),
  }),
]);
export type RunnerResult = z.infer<typeof RunnerResult>;

/** One thing that a runner reports. Numbers begin at 1 in each generation and have no gaps. */
export const RunnerEvent = z.object({
  number: z.int().check(z.positive()),
  /** By the sandbox's clock, whatever that says: one that cannot be right is put right, and nothing is lost for it. */
  at: z.number(),
  body: z.discriminatedUnion('type', [
    ...RunnerEventBody.def.options,
    z.object({ type: z.literal('result'), result: RunnerResult }),
  ]),
});
export type RunnerEvent = z.infer<typeof RunnerEvent>;

/**
 * `POST /gateway/events`. An empty batch is a heartbeat. `acknowledged` holds the mailbox items that
 * were carried out, so that they are not delivered again.
 */
export const EventBatch = z.object({
  events: z.array(RunnerEvent),
  acknowledged: z.array(Ulid),
});
export type EventBatch = z.infer<typeof EventBatch>;

/** What waits for a runner, in order, until acknowledged. */
export const MailboxItem = z.discriminatedUnion('type', [
  /** The person says something to Claude Code: given at its next step. */
  z.object({
    type: z.literal('message'),
    id: Ulid,
    text: z.string(),
    attachments: z.optional(z.array(Attachment)),
  }),
  /** Answers the tool call that Claude Code waits for. `answers` maps each question to its answer in words. */
  z.object({
    type: z.literal('answer'),
    id: Ulid,
    toolUseId: z.string(),
    answers: z.record(z.string(), z.string()),
  }),
  /** The plan of this tool call may be carried out; `plan` is its text with what was picked. */
  z.object({ type: z.literal('approval'), id: Ulid, toolUseId: z.string(), plan: z.string() }),
  /** The plan of this tool call must be changed, as `text` says. */
  z.object({ type: z.literal('changes'), id: Ulid, toolUseId: z.string(), text: z.string() }),
  /** Stop the turn, keep the work, wait. */
  z.object({ type: z.literal('interrupt'), id: Ulid }),
  /** Keep everything and end: the sandbox is not needed while people think. */
  z.object({ type: z.literal('park'), id: Ulid }),
]);
export type MailboxItem = z.infer<typeof MailboxItem>;

/** The answer to a batch: the highest number stored without a gap. */
export const EventReceipt = z.object({ stored: z.int() });
export type EventReceipt = z.infer<typeof EventReceipt>;

/** `GET /gateway/mailbox`: held open until there is something or the wait is over; then possibly empty. */
export const Mailbox = z.object({ items: z.array(MailboxItem) });
export type Mailbox = z.infer<typeof Mailbox>;

/**
 * Answer of `POST /gateway/turn`, asked at the end of a turn with all acknowledgements sent: whether
 * the mailbox holds a message that is the next turn, and the model from now on.
 */
export const NextTurn = z.object({
  hasMail: z.boolean(),
  model: z.string(),
});
export type NextTurn = z.infer<typeof NextTurn>;

/** The gateway's refusals, as JSON with a 4xx status: `gone` means a newer generation took over. */
export const GatewayRefusal = z.object({
  error: z.enum([
    'unauthorized',
    'gone',
    'forbidden',
    'malformed',
    'too_large',
    'not_found',
    'over_budget',
    'unavailable',
  ]),
  text: z.string(),
});
export type GatewayRefusal = z.infer<typeof GatewayRefusal>;

/** Names of what a runner may keep between sandboxes: `PUT`/`GET /gateway/checkpoints/<name>`. */
export const CheckpointPart = z.enum(['bundle', 'transcript', 'setup', 'changes']);
export type CheckpointPart = z.infer<typeof CheckpointPart>;
