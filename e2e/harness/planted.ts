import { randomBytes } from 'node:crypto';
import { environmentOf, tree } from './processes.ts';
import { type Keeping, keptAnywhere, placesWith } from './kept-anywhere.ts';

/** What people have in the environment from which they start things: none of it belongs into a sandbox. */
const OF_THE_MACHINE = [
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AZURE_CLIENT_SECRET',
  'DATABASE_PASSWORD',
  'DIGITALOCEAN_TOKEN',
  'GH_TOKEN',
  'GITLAB_TOKEN',
  'HF_TOKEN',
  'NPM_TOKEN',
  'OPENAI_API_KEY',
  'SENTRY_AUTH_TOKEN',
  'SLACK_BOT_TOKEN',
  'SSH_PRIVATE_KEY',
  'STRIPE_SECRET_KEY',
  'VAULT_TOKEN',
].map((name) => {
  const value = `planted-${randomBytes(12).toString('hex')}`;
  process.env[name] = value;
  return value;
});

/** Where the local stack keeps what it is started with, for its own user to read. */
const ITS_OWN = new Set(['worker.json', 'worker.env', 'encryption-key']);
/** Parts of the stack that are given secrets: who runs in a sandbox is none of them. */
const IN_A_SANDBOX = /sandbox\/runner\.ts|claude-agent-sdk|bwrap/;

/** All that is planted in a stack: what it was given, and what stands in the machine's environment. */
export function plantedSecrets(stack: { secrets: readonly string[] }): string[] {
  return [...stack.secrets, ...OF_THE_MACHINE];
}

/** How often a planted secret stands where none belongs: in files, Postgres, logs, what runs in sandboxes. */
export async function plantedIn(
  stack: Keeping & { secrets: readonly string[] },
): Promise<string[]> {
  const secrets = plantedSecrets(stack);
  const running = tree(process.pid).filter(({ command }) => IN_A_SANDBOX.test(command));
  const inProcesses = running.flatMap(({ pid, command }) =>
    [command, ...environmentOf(pid)]
      .filter((text) => secrets.some((secret) => text.includes(secret)))
      .map((text) => `process ${command.slice(0, 60)}: ${text.split('=')[0]}`),
  );
  const kept = await keptAnywhere(stack, 'as Postgres answers');
  for (const place of ITS_OWN) kept.places.delete(place);
  return [...inProcesses, ...new Set(secrets.flatMap((secret) => placesWith(kept, secret)))];
}
