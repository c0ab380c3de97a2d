import type { MainThread } from './thread/main-thread.ts';
import type { WebhookFanOut } from './github/webhook-fan-out.ts';
import type { Dispatch } from './tasks/api.ts';
import type { Task } from './tasks/task.ts';
import type { TaskSandbox } from './sandbox/cloudflare.ts';

/**
 * Bindings of wrangler.toml, then variables and secrets. Optional ones may be absent in an
 * installation; who needs one says in plain words that it is missing.
 */
export type Env = {
  MAIN_THREAD: DurableObjectNamespace<MainThread>;
  TASK: DurableObjectNamespace<Task>;
  /** One for each repository. */
  WEBHOOK_FAN_OUT: DurableObjectNamespace<WebhookFanOut>;
  /** Absent where containers are (the local stack). */
  SANDBOX?: DurableObjectNamespace<TaskSandbox>;
  DISPATCH: Queue<Dispatch>;
  TASK_WORKFLOW: Workflow<Dispatch>;
  CHECKPOINTS: R2Bucket;
  HYPERDRIVE?: Hyperdrive;
  ASSETS: Fetcher;
  /** How many requests of one person are answered in a minute. */
  PERSON_RATE: RateLimit;
  /** Which version is deployed; absent where nothing is. */
  CF_VERSION_METADATA?: WorkerVersionMetadata;

  /** Full model names: the main thread's, and the workers' by alias. */
  MODEL_MAIN: string;
  MODEL_OPUS: string;
  MODEL_SONNET: string;
  MODEL_HAIKU: string;
  ANTHROPIC_BASE_URL: string;
  ANTHROPIC_API_KEY?: string;
  /** A Claude Max token for workers only; never used by the main thread. */
  CLAUDE_CODE_OAUTH_TOKEN?: string;
  /** The sentence to show when the models are a stand-in. */
  OFFLINE_MODEL?: string;
  /** Bound of the main thread's prompt, in tokens, as a decimal number. */
  THREAD_PROMPT_MAX_TOKENS: string;
  /** After which silence the main thread's model counts as lost, in seconds, as a decimal number. */
  MODEL_SILENCE_SECONDS: string;
  /** How long a sandbox is kept while a question waits for a person, in seconds, as a decimal number. */
  QUESTION_WAIT_SECONDS: string;
  /** How often a container asks whether its task still wants it, in seconds, as a decimal number. */
  SANDBOX_LOOK_SECONDS: string;

  /** After which Postgres counts as failing, in seconds, as a decimal number. */
  HISTORY_ALERT_SECONDS: string;

  GITHUB_API_URL: string;
  GITHUB_URL: string;
  GITHUB_TOKEN?: string;
  /** A GitHub App in place of the token: its number, and its private key as PEM. */
  GITHUB_APP_ID?: string;
  GITHUB_APP_PRIVATE_KEY?: string;
  /** Signs the git host's webhooks; without it they are refused, and tasks only poll. */
  GITHUB_WEBHOOK_SECRET?: string;

  /** Team domain of Cloudflare Access: a host name, or an origin with its scheme. */
  ACCESS_TEAM_DOMAIN?: string;
  ACCESS_AUD?: string;
  /** E-mail of the fixed local person; believed on loopback only. */
  LOCAL_PERSON?: string;

  /** Keys by which secrets are sealed, as `platform/sealed.ts` reads them: `2:<base64>,1:<base64>`. */
  ENCRYPTION_KEYS?: string;

  /** Postgres for Neon's serverless driver, where Hyperdrive is not bound. */
  DATABASE_URL?: string;

  /**
   * What answers in place of a package registry, as JSON: its host -> a base URL. Where sandboxes take
   * packages from a company's own mirror.
   */
  EGRESS_MIRRORS?: string;

  /** What answers in place of a push service, as JSON: its host -> a base URL. For tests without one. */
  PUSH_MIRRORS?: string;

  /** Where a sandbox reaches the gateway, without a trailing slash and without `/gateway`. */
  GATEWAY_URL: string;
  /** The local sandbox host and its key; absent on Cloudflare. */
  LOCAL_SANDBOX_URL?: string;
  LOCAL_SANDBOX_KEY?: string;
};
