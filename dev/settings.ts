import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';

/** Every variable that the local stack reads; all others of the environment stay outside. */
const KNOWN = [
  'PORT',
  'MAINLOOP_DATA_DIR',
  'DATABASE_URL',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_BASE_URL',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'MODEL_MAIN',
  'MODEL_OPUS',
  'MODEL_SONNET',
  'MODEL_HAIKU',
  'THREAD_PROMPT_MAX_TOKENS',
  'MODEL_SILENCE_SECONDS',
  'HISTORY_ALERT_SECONDS',
  'OFFLINE_MODEL_STEP_MS',
  'QUESTION_WAIT_SECONDS',
  'LOCAL_SANDBOX_URL',
  'LOCAL_SANDBOX_KEY',
  'GITHUB_TOKEN',
  'GITHUB_APP_ID',
  'GITHUB_APP_PRIVATE_KEY',
  'GITHUB_API_URL',
  'GITHUB_URL',
  'GITHUB_WEBHOOK_SECRET',
  'ENCRYPTION_KEYS',
  'ACCESS_TEAM_DOMAIN',
  'ACCESS_AUD',
  'EGRESS_MIRRORS',
  'PUSH_MIRRORS',
] as const;

export type SettingName = (typeof KNOWN)[number];
export type Settings = Partial<Record<SettingName, string>>;

/** Settings of the local stack: the environment first, then `.dev.vars`. Empty values count as unset. */
export function readSettings(root: string, environment: NodeJS.ProcessEnv): Settings {
  const file = path.join(root, '.dev.vars');
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const settings: Settings = {};
  for (const name of KNOWN) {
    const value = environment[name] || written[name];
    if (value) settings[name] = value;
  }
  return settings;
}

/** The port to listen on; throws one plain sentence when it is none. */
export function portOf(settings: Settings): number {
  const text = settings.PORT ?? '8787';
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`PORT must be a number from 1 to 65535, not "${text}".`);
  }
  return port;
}

/** How long each step of a worker takes the offline model, in ms; null leaves it at a human pace. */
export function stepMsOf({ OFFLINE_MODEL_STEP_MS: text }: Settings): number | null {
  if (text === undefined) return null;
  const ms = Number(text);
  if (!Number.isInteger(ms) || ms < 1) {
    throw new Error(`OFFLINE_MODEL_STEP_MS must be a whole number of milliseconds, not "${text}".`);
  }
  return ms;
}
