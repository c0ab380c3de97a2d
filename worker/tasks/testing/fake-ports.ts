import type { Asker } from '../../../protocol/author.ts';
import { env } from 'cloudflare:workers';
import { DEFAULT_EGRESS } from '../../../protocol/egress.ts';
import type { SetupAnswer } from '../../../protocol/setup.ts';
import { type FakeHost, fakeHost } from '../../github/testing/fake-host.ts';
import type { RunnerEnvironment, SandboxRun } from '../../sandbox/port.ts';
import {
  type DayAnswer,
  type Dispatch,
  type OpenCalls,
  type SandboxSettings,
  type TaskProgress,
  type TaskReport,
  taskObjectName,
} from '../api.ts';
import type { TaskPorts } from '../ports.ts';
import { DELIVERED } from './records.ts';

/** All around a Task in memory. What stands in `fails` is thrown by the next call of that kind. */
export type FakePorts = {
  host: FakeHost;
  ensured: { run: SandboxRun; environment: RunnerEnvironment; instance: string | undefined }[];
  stopped: SandboxRun[];
  /** What the sandbox host says when it is asked whether a sandbox lives. */
  alive: boolean;
  /** Whether it has room for one more. */
  hasRoom: boolean;
  /** Whether a task that waits for a slot is granted one at once. */
  grantsSlots: boolean;
  /** The conversation takes nothing now. */
  isClosed: boolean;
  /** Awaited by each start of a sandbox. */
  starting: Promise<void>;
  dispatched: Dispatch[];
  /** Keys that were deleted from the bucket of checkpoints. */
  deleted: string[];
  woken: string[];
  reports: TaskReport[];
  progress: TaskProgress[];
  unreadable: { taskId: string; reason: string }[];
  watched: string[];
  /** What the conversation says is set for the task's sandboxes, and how often it was asked. */
  settings: SandboxSettings;
  settingsRead: number;
  /** What it gives for a set-up, and what it was asked for. */
  asker: Asker | null;
  setupValues: SetupAnswer;
  setupAsked: { repository: string; for: string }[];
  /** What it says of the day's money, and what it was asked. */
  day: DayAnswer;
  daysAsked: { worst: number; open: OpenCalls }[];
  fails: Partial<
    Record<'ensure' | 'stop' | 'dispatch' | 'report' | 'wake' | 'settings' | 'day', number>
  >;
  ports: TaskPorts;
};

export function fakePorts(): FakePorts {
  const mayFail = (kind: keyof FakePorts['fails']) => {
    const left = fakes.fails[kind] ?? 0;
    if (left === 0) return;
    fakes.fails[kind] = left - 1;
    throw new Error(`This ${kind} fails.`);
  };
  const host = fakeHost(DELIVERED.commit);
  const task = (personId: string, { task: summary }: TaskReport) =>
    env.TASK.get(env.TASK.idFromName(taskObjectName(personId, summary.id))).grantSlot(
      summary.attempt,
    );
  const fakes: FakePorts = {
    host,
    ensured: [],
    stopped: [],
    alive: true,
    hasRoom: true,
    grantsSlots: true,
    isClosed: false,
    starting: Promise.resolve(),
    dispatched: [],
    deleted: [],
    woken: [],
    reports: [],
    progress: [],
    unreadable: [],
    settings: { egress: DEFAULT_EGRESS, instance: 'standard-1', trusted: false },
    asker: null,
    setupValues: { values: [], names: [], missing: [] },
    setupAsked: [],
    day: { is: 'ok' },
    daysAsked: [],
    settingsRead: 0,
    watched: [],
    fails: {},
    ports: {
      github: host.port,
      history: null,
      sandbox: {
        ensure: async (run, environment, instance) => {
          fakes.ensured.push({ run, environment, instance });
          mayFail('ensure');
          await fakes.starting;
          return fakes.hasRoom ? { is: 'up' } : { is: 'no_room', why: 'all are taken' };
        },
        alive: async () => fakes.alive,
        stop: async (run) => {
          mayFail('stop');
          fakes.stopped.push(run);
        },
      },
      checkpoints: {
        delete: async (key) => {
          fakes.deleted.push(key);
          await env.CHECKPOINTS.delete(key);
        },
      },
      thread: (personId) => ({
        taskReport: async (report) => {
          mayFail('report');
          if (fakes.isClosed) return 'closed';
          fakes.reports.push(report);
          if (report.slot === 'waiting' && fakes.grantsSlots) await task(personId, report);
          return 'taken';
        },
        taskProgress: async (progress) => {
          fakes.progress.push(progress);
        },
        reserveOfDay: async (_, worst, open) => {
          mayFail('day');
          fakes.daysAsked.push({ worst, open });
          return fakes.day;
        },
        taskUnreadable: async (taskId, reason) => {
          fakes.unreadable.push({ taskId, reason });
        },
        sandboxSettings: async () => {
          mayFail('settings');
          fakes.settingsRead += 1;
          return fakes.settings;
        },
        asker: async () => fakes.asker,
        setupValues: async (repository, request) => {
          fakes.setupAsked.push({ repository, for: request.for });
          return fakes.setupValues;
        },
      }),
      dispatch: async (dispatch) => {
        mayFail('dispatch');
        fakes.dispatched.push(dispatch);
      },
      watch: async ({ taskId }) => {
        fakes.watched.push(taskId);
      },
      wake: async (_, type) => {
        mayFail('wake');
        fakes.woken.push(type);
      },
    },
  };
  return fakes;
}
