import * as z from 'zod/mini';
import { DEFAULT_EGRESS, EgressPolicy } from './egress.ts';
import { InstanceType, Secret, VARIABLES_MAX, Variable } from './environment.ts';
import { RepositoryName, Timestamp, Ulid } from './ids.ts';
import { WorkerModel } from './model.ts';
import { NotificationSettings } from './push.ts';

/** Most notes that are remembered, and the longest of them. */
export const MEMORY_MAX = 100;
const NOTE_MAX_CHARS = 500;
const INSTRUCTIONS_MAX_CHARS = 10_000;

/** How a repository's tasks begin: `auto` leaves it to the main thread. */
export const DefaultMode = z.enum(['auto', 'plan', 'direct']);
export type DefaultMode = z.infer<typeof DefaultMode>;

const Instructions = z.string().check(z.maxLength(INSTRUCTIONS_MAX_CHARS));
const Dollars = z.number().check(z.positive(), z.maximum(1_000_000));

/** Something to keep in mind, for all repositories or for one. */
const MemoryNote = z.object({
  id: Ulid,
  text: z.string().check(z.trim(), z.minLength(1), z.maxLength(NOTE_MAX_CHARS)),
  repository: z.nullable(RepositoryName),
  at: Timestamp,
});

export const Limits = z.object({
  /** Tasks that may be at work at the same time. */
  parallel: z.int().check(z.minimum(1), z.maximum(50)),
  /** Most that one task may cost, and all of them in a UTC day, in US dollars; null without a limit. */
  taskBudget: z.nullable(Dollars),
  dayBudget: z.nullable(Dollars),
  /** Whether a task waits when the Claude plan's limit is reached, or fails. */
  waitsForPlan: z.boolean(),
});
export type Limits = z.infer<typeof Limits>;

export const RepositorySettings = z.object({
  mode: DefaultMode,
  /** Of its tasks' workers; null for the one that all have. */
  model: z.nullable(WorkerModel),
  /** Whether a task's questions and plans are shown in an issue at the git host, too. */
  withIssue: z.boolean(),
  /** What every worker in this repository should know. */
  instructions: Instructions,
  /** What its sandboxes may reach. */
  egress: EgressPolicy,
  /** The size of their containers. */
  instance: InstanceType,
  /** Whether workers get the skills, plugins and MCP servers that it brings. */
  trusted: z.boolean(),
  /** What is set in their set-up and, where that is said, in the worker's commands. */
  variables: z.array(Variable).check(z.maxLength(VARIABLES_MAX)),
});
export type RepositorySettings = z.infer<typeof RepositorySettings>;

/** What a person has set. */
export const Settings = z.object({
  limits: Limits,
  /** Of workers, where neither a task nor its repository has another. */
  model: WorkerModel,
  /** What every worker and the conversation should know. */
  instructions: Instructions,
  repositories: z.record(z.string(), RepositorySettings),
  memory: z.array(MemoryNote),
  /** Each repository's secrets, without their values. */
  secrets: z.record(z.string(), z.array(Secret)),
  notifications: NotificationSettings,
});
export type Settings = z.infer<typeof Settings>;

/** One change of them; what it does not name stays. */
export const SettingsChange = z.discriminatedUnion('is', [
  z.object({ is: z.literal('limits'), limits: Limits }),
  z.object({ is: z.literal('model'), model: WorkerModel }),
  z.object({ is: z.literal('instructions'), text: Instructions }),
  z.object({
    is: z.literal('repository'),
    repository: RepositoryName,
    settings: RepositorySettings,
  }),
  /** A new note, or another text for one that is there. */
  z.object({ is: z.literal('remember'), note: z.omit(MemoryNote, { at: true }) }),
  z.object({ is: z.literal('notifications'), notifications: NotificationSettings }),
  z.object({ is: z.literal('forget'), noteId: Ulid }),
]);
export type SettingsChange = z.infer<typeof SettingsChange>;

export const DEFAULT_SETTINGS: Settings = {
  limits: { parallel: 5, taskBudget: 25, dayBudget: 100, waitsForPlan: true },
  model: 'opus',
  instructions: '',
  repositories: {},
  memory: [],
  secrets: {},
  notifications: { quiet: null },
};

export const DEFAULT_REPOSITORY_SETTINGS: RepositorySettings = {
  mode: 'auto',
  model: null,
  withIssue: false,
  instructions: '',
  egress: DEFAULT_EGRESS,
  instance: 'standard-1',
  trusted: false,
  variables: [],
};
