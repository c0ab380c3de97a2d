import Anthropic from '@anthropic-ai/sdk';
import { attachmentStore } from '../attachments/bucket.ts';
import type { AttachmentStore } from '../attachments/store.ts';
import type { Env } from '../env.ts';
import { credentialsOf } from '../github/credentials.ts';
import { octokitGitHub } from '../github/octokit.ts';
import { type Own, type TokenOwner, ownerOf } from '../github/own-token.ts';
import type { GitHubPort, GitHubResult } from '../github/port.ts';
import { UNSIGNED_NAME, fanOutName } from '../github/webhook-fan-out.ts';
import { type OpenHistory, historyOf } from '../history/connect.ts';
import { type TaskApi, taskObjectName } from '../tasks/api.ts';
import { readMirrors } from '../platform/mirrors.ts';
import { type Push, type Sent, sendPush } from '../push/send.ts';
import type { HealthFacts } from './health/checks.ts';

/** Everything beyond the MainThread that it talks to. */
export type ThreadPorts = {
  github: GitHubPort;
  /** Whose a token is at the git host. */
  owner(token: string): Promise<GitHubResult<TokenOwner>>;
  model: Anthropic;
  /** How Postgres is reached; null where none is configured. */
  history: OpenHistory | null;
  /** Sends a push to a device. Never throws. */
  push(push: Push): Promise<Sent>;
  attachments: AttachmentStore;
  task(personId: string, taskId: string): TaskApi;
  /** What came of the git host's webhooks for these repositories. */
  webhooks(repositories: readonly string[]): Promise<HealthFacts['webhooks']>;
};

/** @param own the token of whose conversation it is. */
export function threadPorts(env: Env, own: Own): ThreadPorts {
  return {
    github: octokitGitHub(env, credentialsOf(env, own)),
    owner: (token) => ownerOf(env.GITHUB_API_URL, token),
    history: historyOf(env),
    attachments: attachmentStore(env.CHECKPOINTS),
    model: new Anthropic({
      baseURL: env.ANTHROPIC_BASE_URL,
      apiKey: env.ANTHROPIC_API_KEY ?? 'no key is set',
      // Tried again by our own rules, which know what was said already.
      maxRetries: 0,
    }),
    push: (push) => sendPush(push, readMirrors('PUSH_MIRRORS', env.PUSH_MIRRORS)),
    task: (personId, taskId) => env.TASK.get(env.TASK.idFromName(taskObjectName(personId, taskId))),
    webhooks: async (repositories) => {
      const fanOut = (name: string) =>
        env.WEBHOOK_FAN_OUT.get(env.WEBHOOK_FAN_OUT.idFromName(name));
      const times = await Promise.all(
        repositories.map((one) => fanOut(fanOutName(one)).lastDelivery()),
      );
      return {
        configured: Boolean(env.GITHUB_WEBHOOK_SECRET),
        lastAt: times.reduce((last, at) => (at !== null && at > (last ?? 0) ? at : last), null),
        unsigned: await fanOut(UNSIGNED_NAME).unsigned(),
      };
    },
  };
}
