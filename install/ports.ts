import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { once } from 'node:events';
import { buildWeb } from '../dev/build.ts';
import { type Client, cloudflare } from './cloudflare/client.ts';
import { type Database, databaseAt } from './database.ts';
import { tryGitHubApp } from './github-app.ts';
import type { Folder } from './installation.ts';
import { copiesOf } from './installed.ts';
import { type Ask, askAt } from './live.ts';
import { type IsNamed, isNamed } from './name-servers.ts';
import { type Tried, tryAnthropicKey, tryGitHubToken } from './tokens.ts';
import type { Terminal } from './terminal.ts';
import { hashOfSources } from './version-tag.ts';
import { type Wrangler, projectWrangler } from './wrangler.ts';

const API = 'https://api.cloudflare.com/client/v4';

/** All that the commands reach outside of themselves. */
export type Ports = {
  root: string;
  environment: NodeJS.ProcessEnv;
  folder: Folder;
  terminal: Terminal;
  client: (token: string) => Client;
  wrangler: (accountId: string | null) => Wrangler;
  database: (url: string) => Database;
  live: (address: string) => Ask;
  /** Whether a host name has an address, as its zone's name servers say; null where they do not. */
  isNamed: IsNamed;
  tryAnthropicKey: (base: string, key: string) => Promise<Tried>;
  tryGitHubToken: (api: string, token: string) => Promise<Tried>;
  tryGitHubApp: (api: string, app: { id: string; key: string }) => Promise<Tried>;
  hashOfSources: () => string;
  sleep: (ms: number) => Promise<void>;
  /** Builds web/dist. */
  buildWeb: () => Promise<void>;
  /** How many copies of a package are installed. */
  copiesOf: (name: string) => number;
  /** True where images can be built. */
  hasDocker: () => Promise<boolean>;
};

async function answersInfo(docker: string): Promise<boolean> {
  const child = spawn(docker, ['info'], { stdio: 'ignore' });
  try {
    const [code] = await once(child, 'exit');
    return code === 0;
  } catch {
    return false;
  }
}

/** The real ones. */
export function portsOf(
  root: string,
  environment: NodeJS.ProcessEnv,
  folder: Folder,
  terminal: Terminal,
): Ports {
  return {
    root,
    environment,
    folder,
    terminal,
    client: (token) => cloudflare(environment.CLOUDFLARE_API_BASE_URL ?? API, token),
    wrangler: (accountId) => projectWrangler(root, environment, accountId),
    database: (url) => databaseAt(url, root),
    live: askAt,
    isNamed,
    tryAnthropicKey,
    tryGitHubToken: (api, token) => tryGitHubToken(api, token, Date.now()),
    tryGitHubApp: (api, app) => tryGitHubApp(api, app, Date.now()),
    sleep: (ms) => sleep(ms),
    hashOfSources: () => hashOfSources(root),
    buildWeb: () => buildWeb((line) => terminal.say(line)),
    copiesOf: (name) => copiesOf(root, name),
    hasDocker: () => answersInfo(environment.WRANGLER_DOCKER_BIN ?? 'docker'),
  };
}
