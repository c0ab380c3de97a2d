import Anthropic from '@anthropic-ai/sdk';
import type { Env } from '../env.ts';
import { octokitGitHub } from '../github/octokit.ts';
import type { GitHubPort } from '../github/port.ts';
import { type OpenHistory, historyOf } from '../history/connect.ts';
import { type TaskApi, taskObjectName } from '../tasks/api.ts';

/** Everything beyond the MainThread that it talks to. */
export type ThreadPorts = {
  github: GitHubPort;
  model: Anthropic;
  /** How Postgres is reached; null where none is configured. */
  history: OpenHistory | null;
  task(personId: string, taskId: string): TaskApi;
};

export function threadPorts(env: Env): ThreadPorts {
  return {
    github: octokitGitHub(env),
    history: historyOf(env),
    model: new Anthropic({
      baseURL: env.ANTHROPIC_BASE_URL,
      apiKey: env.ANTHROPIC_API_KEY ?? 'no key is set',
      // Tried again by our own rules, which know what was said already.
      maxRetries: 0,
    }),
    task: (personId, taskId) => env.TASK.get(env.TASK.idFromName(taskObjectName(personId, taskId))),
  };
}
