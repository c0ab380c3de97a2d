import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import * as z from 'zod/mini';
import { InstallationName } from './names.ts';
import { lockFolder } from './lock.ts';
import { Stop } from './stop.ts';

/** Secrets of an installation, under the names by which the Worker reads them. */
export const SECRETS = [
  'ANTHROPIC_API_KEY',
  'GITHUB_TOKEN',
  'GITHUB_APP_ID',
  'GITHUB_APP_PRIVATE_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'GITHUB_WEBHOOK_SECRET',
  'ENCRYPTION_KEYS',
  'DATABASE_URL',
] as const;
export type SecretName = (typeof SECRETS)[number];
export type Secrets = Partial<Record<SecretName, string>>;

const Access = z.object({ team: z.string(), aud: z.string() });
export type Access = z.infer<typeof Access>;

/** What is known of the installation in this folder. No secrets: those stand in a file of their own. */
const Installation = z.object({
  version: z.literal(1),
  name: InstallationName,
  accountId: z.string(),
  /** Host name under which people reach it. */
  host: z.string(),
  /** Who may sign in. */
  emails: z.array(z.string()),
  /** Variables of the Worker's that differ from those of wrangler.toml. */
  vars: z.record(z.string(), z.string()),
  /** False where the Worker reaches a Neon database by itself. */
  hyperdrive: z.boolean(),
  hyperdriveId: z.nullable(z.string()),
  /** Fingerprint of the database's address that Hyperdrive was last given: it never shows the password. */
  hyperdriveSent: z._default(z.nullable(z.string()), null),
  /** The version with which this folder last sent ENCRYPTION_KEYS; sure once wrangler said that it runs. */
  keysSent: z._default(z.nullable(z.object({ tag: z.string(), isSure: z.boolean() })), null),
  access: z.nullable(Access),
  /** What setup was about to make, as `kind:name`. Only that is taken away by uninstall. */
  made: z.array(z.string()),
});
export type Installation = z.infer<typeof Installation>;

const Before = z.looseObject({ addresses: z.record(z.string(), z.string()) });

/** What an older version wrote, in today's form: it had no variables but the addresses of services. */
function upgraded(written: unknown): unknown {
  const old = Before.safeParse(written);
  if (!old.success) return written;
  const { addresses, ...rest } = old.data;
  return { vars: addresses, ...rest };
}

export type Folder = {
  path: string;
  /** Generated for wrangler at each deploy. */
  configuration: string;
  read(): Installation | null;
  write(installation: Installation): void;
  readSecrets(): Secrets;
  writeSecrets(secrets: Secrets): void;
  /** Throws a sentence where another command has it. @returns what gives it back. */
  lock(): () => void;
};

const HEAD = `# Secrets of this installation. Only you may read this file, and git does not see it.
# Keep a copy of ENCRYPTION_KEYS: without it, what people stored encrypted cannot be read again.
`;

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and for nobody else's eyes. */
function put(file: string, text: string): void {
  const made = `${file}.${randomUUID()}.new`;
  writeFileSync(made, text, { mode: 0o600 });
  chmodSync(made, 0o600);
  renameSync(made, file);
}

function quoted(name: string, value: string): string {
  const quote = ["'", '"', '`'].find((mark) => !value.includes(mark));
  if (quote === undefined || value.includes('\n')) {
    throw new Stop(`${name} holds a line break or all kinds of quotes, which no file can carry.`);
  }
  return `${name}=${quote}${value}${quote}`;
}

/** The folder in which an installation is remembered; git ignores it. */
export function installationFolder(folder: string): Folder {
  const file = path.join(folder, 'installation.json');
  const secretsFile = path.join(folder, 'secrets.env');
  const prepare = () => mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    path: folder,
    configuration: path.join(folder, 'wrangler.json'),
    read() {
      if (!existsSync(file)) return null;
      const read = Installation.safeParse(upgraded(parsed(readFileSync(file, 'utf8'))));
      if (read.success) return read.data;
      throw new Stop(
        `${file} is not what setup wrote. Put it back, or remove it and run npm run setup.`,
      );
    },
    write(installation) {
      prepare();
      put(file, `${JSON.stringify(installation, null, 2)}\n`);
    },
    lock() {
      prepare();
      return lockFolder(folder);
    },
    readSecrets() {
      const written = existsSync(secretsFile) ? parseEnv(readFileSync(secretsFile, 'utf8')) : {};
      return Object.fromEntries(
        SECRETS.flatMap((name) => (written[name] ? [[name, written[name]]] : [])),
      );
    },
    writeSecrets(secrets) {
      prepare();
      const lines = SECRETS.flatMap((name) => {
        const value = secrets[name];
        return value === undefined ? [] : [quoted(name, value)];
      });
      put(secretsFile, `${HEAD}${lines.join('\n')}\n`);
    },
  };
}
