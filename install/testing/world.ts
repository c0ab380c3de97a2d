import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cloudflare } from '../cloudflare/client.ts';
import { installationFolder } from '../installation.ts';
import { askAt } from '../live.ts';
import { type Options, readOptions } from '../options.ts';
import type { Ports } from '../ports.ts';
import { startEdge } from './edge.ts';
import { fakeWrangler } from './fake-wrangler.ts';
import { startStandIn } from './stand-in.ts';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const HOST = 'mainloop.example.com';

/** What a person says at the first setup. */
export const ANSWERS = [
  `--host=${HOST}`,
  '--emails=you@example.com,ada@example.com',
  '--database-url=postgres://mainloop:pass@db.example.net:5432/history',
  '--anthropic-api-key=sk-ant-1',
  '--github-token=github_pat_1',
];

/** A whole world for an installer: an account, its edge, a folder, and nobody at the terminal. */
export async function world() {
  const standIn = await startStandIn();
  const edge = await startEdge(standIn.account, HOST);
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-install-'));
  const said: string[] = [];
  const database = { pending: ['0000_history'], fails: false, migrated: 0 };
  const state = {
    hasDocker: true,
    copies: 1,
    sleeps: (_ms: number): void => {},
    sources: 'v1',
    /** What the zone's name servers say of any name. */
    isNamed: true as boolean | null,
  };
  const ports: Ports = {
    root: ROOT,
    environment: { CLOUDFLARE_API_TOKEN: standIn.token },
    folder: installationFolder(folder),
    terminal: { say: (line) => said.push(line), ask: null, confirm: null },
    client: (token) => cloudflare(standIn.url, token),
    wrangler: () => fakeWrangler(standIn),
    database: () => ({
      pending: async () => database.pending,
      migrate: async () => {
        if (database.fails) throw new Error('the migration fails');
        database.pending = [];
        database.migrated += 1;
      },
    }),
    live: () => askAt(edge.url),
    isNamed: async () => state.isNamed,
    tryAnthropicKey: async () => ({ is: 'good' }),
    tryGitHubToken: async () => ({ is: 'good' }),
    tryGitHubApp: async () => ({ is: 'good' }),
    sleep: async (ms) => state.sleeps(ms),
    hashOfSources: () => state.sources,
    buildWeb: async () => {},
    copiesOf: () => state.copies,
    hasDocker: async () => state.hasDocker,
  };
  return {
    standIn,
    edge: edge.at,
    account: standIn.account,
    ports,
    said,
    database,
    state,
    options: (...args: string[]): Options => readOptions(['--yes', ...ANSWERS, ...args]),
    later: (...args: string[]): Options => readOptions(['--yes', ...args]),
    close: async () => {
      await Promise.all([standIn.close(), edge.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type World = Awaited<ReturnType<typeof world>>;
