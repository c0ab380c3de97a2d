import type { Env } from '../env.ts';
import { fanOutName } from '../github/webhook-fan-out.ts';
import { credentialsOf } from '../github/credentials.ts';
import { octokitGitHub } from '../github/octokit.ts';
import { ownTokenOf } from '../github/own-token.ts';
import type { GitHubPort } from '../github/port.ts';
import { sandboxPort } from '../sandbox/choose.ts';
import { type OpenHistory, historyOf } from '../history/connect.ts';
import type { SandboxPort } from '../sandbox/port.ts';
import { type Dispatch, type TaskSpec, type ThreadApi, taskObjectName } from './api.ts';
import { workflowId } from './dispatch.ts';

/** Everything beyond the Task that it talks to. */
export type TaskPorts = {
  github: GitHubPort;
  sandbox: SandboxPort;
  /** How Postgres is reached; null where none is configured. */
  history: OpenHistory | null;
  /** The bucket that holds the checkpoints. */
  checkpoints: { delete(key: string): Promise<void> };
  thread(personId: string): ThreadApi;
  dispatch(dispatch: Dispatch): Promise<void>;
  /** Has the repository's webhooks poke this task. */
  watch(task: Pick<TaskSpec, 'personId' | 'taskId' | 'repository'>): Promise<void>;
  /** Ends the Workflow's wait; that nobody waits is no error. */
  wake(dispatch: Dispatch, type: string): Promise<void>;
};

/** @param whose the person of the task. */
export function taskPorts(env: Env, whose: () => string): TaskPorts {
  return {
    github: octokitGitHub(env, credentialsOf(env, ownTokenOf(env, whose))),
    sandbox: sandboxPort(env),
    history: historyOf(env),
    checkpoints: env.CHECKPOINTS,
    thread: (personId) => env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName(personId)),
    dispatch: async (dispatch) => {
      await env.DISPATCH.send(dispatch);
    },
    watch: async ({ personId, taskId, repository }) => {
      const fanOut = env.WEBHOOK_FAN_OUT.get(
        env.WEBHOOK_FAN_OUT.idFromName(fanOutName(repository)),
      );
      await fanOut.watch(taskObjectName(personId, taskId));
    },
    wake: async (dispatch, type) => {
      const instance = await env.TASK_WORKFLOW.get(workflowId(dispatch));
      await instance.sendEvent({ type, payload: null });
    },
  };
}
