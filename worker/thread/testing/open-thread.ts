import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { adaOwns } from '../../github/testing/ada.ts';
import type { DecidedBy } from '../../../protocol/decision.ts';
import type { TaskCommand } from '../../../protocol/task-command.ts';
import type { TaskApi, TaskSpec } from '../../tasks/api.ts';
import type { GitHubPort } from '../../github/port.ts';
import type { MainThread } from '../main-thread.ts';
import type { ThreadPorts } from '../ports.ts';
import { ThreadClient } from './client.ts';
import { REPOSITORY, summaryOf } from './facts.ts';
import { fakeModel } from './fake-model.ts';
import { says } from './model-answers.ts';

/** A git host with one repository. */
export function fakeGitHub(changed: Partial<GitHubPort> = {}): GitHubPort {
  const away = async () => ({ is: 'failed', failure: { is: 'unreachable' } }) as const;
  return {
    repository: async (name) =>
      name === REPOSITORY.name
        ? { is: 'ok', value: REPOSITORY }
        : { is: 'failed', failure: { is: 'not_found' } },
    repositories: async () => ({ is: 'ok', value: [REPOSITORY] }),
    author: async () => ({ is: 'ok', value: null }),
    branchHead: async (_, branch) => ({
      is: 'ok',
      value: branch === 'main' ? 'a'.repeat(40) : null,
    }),
    compare: away,
    pullRequestOf: away,
    pullRequest: away,
    createDraft: away,
    checks: away,
    feedback: away,
    mayWrite: away,
    acknowledge: away,
    reply: away,
    markReady: away,
    merge: away,
    closePullRequest: away,
    comment: away,
    openIssue: away,
    issueComments: away,
    editIssue: away,
    closeIssue: away,
    ...changed,
  };
}

/** Tasks that write down what they are asked, and what the main thread tells them. */
export type FakeTasks = {
  created: TaskSpec[];
  /** The tasks that were created with a slot. */
  granted: string[];
  asked: { taskId: string; id: string; command: TaskCommand; by: DecidedBy }[];
  told: { taskId: string; what: 'grantSlot' | 'pauseForDay' | 'resumeForDay' }[];
  task: ThreadPorts['task'];
};

export function fakeTasks(changed: Partial<TaskApi> = {}): FakeTasks {
  const tell = (taskId: string, what: FakeTasks['told'][number]['what']) => async () => {
    fakes.told.push({ taskId, what });
  };
  const fakes: FakeTasks = {
    created: [],
    granted: [],
    asked: [],
    told: [],
    task: (_, taskId) => ({
      create: async (spec, slot) => {
        fakes.created.push(spec);
        if (slot === 'granted') fakes.granted.push(taskId);
        const { title, repository, branch, baseBranch, model, mode } = spec;
        return summaryOf({ id: taskId, title, repository, branch, baseBranch, model, mode });
      },
      summary: async () => null,
      rebuild: async () => ({ is: 'nothing', text: 'There is no Postgres here.' }),
      // Nobody is told that it is not there: it cannot be asked.
      standing: () => Promise.reject(new Error('This task cannot be asked.')),
      command: async (id, command, by) => {
        fakes.asked.push({ taskId, id, command, by });
        return { is: 'done' };
      },
      showNeed: async () => {},
      vitals: async () => null,
      grantSlot: tell(taskId, 'grantSlot'),
      pauseForDay: tell(taskId, 'pauseForDay'),
      resumeForDay: tell(taskId, 'resumeForDay'),
      ...changed,
    }),
  };
  return fakes;
}

export type OpenThread = {
  readonly personId: string;
  readonly stub: DurableObjectStub<MainThread>;
  /** Puts the fakes in place; needed once more after an eviction. */
  surround(): Promise<void>;
  /** Does something where the object lives: what it waits for may be moved on from there only. */
  inside(work: () => void): Promise<void>;
  /** Ends the object as a crash does; the next call finds a new one with the same storage. */
  crash(): Promise<void>;
  /** A page that has said hello. */
  page(cursor?: number | null): Promise<ThreadClient>;
  /** A connection that has said nothing yet. */
  connect(expiresAt?: number): Promise<ThreadClient>;
};

/**
 * A person's conversation of its own, with fakes around it. `before` finds the object as nobody has
 * used it.
 */
export async function openThread(
  changed: Partial<ThreadPorts> = {},
  before: (stub: DurableObjectStub<MainThread>, personId: string) => Promise<void> = async () => {},
): Promise<OpenThread> {
  const person = { id: ulid(), email: 'ada@example.com', expiresAt: null };
  // A stub is of no use once its object has crashed: each call gets its own.
  const stub = () => env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName(person.id));
  const ports: ThreadPorts = {
    github: fakeGitHub(),
    owner: adaOwns,
    model: fakeModel(() => says('Hello.')).model,
    history: null,
    attachments: { read: async () => null, delete: async () => {} },
    task: fakeTasks().task,
    push: async () => ({ is: 'accepted' }),
    webhooks: async () => ({ configured: true, lastAt: null, unsigned: [] }),
    ...changed,
  };
  const surround = () =>
    runInDurableObject(stub(), (instance) => {
      instance.ports = () => ports;
    });
  const connect = async (expiresAt?: number) => {
    const headers = { upgrade: 'websocket', 'x-mainloop-expires-at': String(expiresAt ?? 0) };
    const { webSocket } = await stub().fetch('http://thread/', { headers });
    if (webSocket === null) throw new Error('The thread opened no socket.');
    return new ThreadClient(webSocket);
  };
  await before(stub(), person.id);
  await surround();
  await stub().signIn(person);
  return {
    personId: person.id,
    get stub() {
      return stub();
    },
    surround,
    connect,
    inside: (work) => runInDurableObject(stub(), work),
    crash: async () => {
      await runInDurableObject(stub(), async (_, state) => {
        await state.storage.sync();
        state.abort('crashed by the test');
      }).catch(() => {});
      await surround();
    },
    page: async (cursor = null) => {
      const client = await connect();
      client.hello(cursor);
      await client.first('repositories');
      return client;
    },
  };
}
