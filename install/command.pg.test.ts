import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import connect from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalPostgres, startPostgres } from '../dev/postgres/postgres.ts';
import { startEdge, startTokenHosts } from './testing/edge.ts';
import { type StandIn, startStandIn } from './testing/stand-in.ts';
import { HOST, ROOT, world } from './testing/world.ts';
import { setup } from './setup.ts';

const GZIP_MAX_BYTES = 700 * 1024;
const STARTS_WITHIN_MS = 180_000;

const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-command-'));
const docker = path.join(folder, 'docker');
/** An account, and the folder from which an installation in it is led. */
type Place = { standIn: StandIn; edge: string; folder: string };
let place: Place;
let hosts: Awaited<ReturnType<typeof startTokenHosts>>;
let postgres: LocalPostgres;
/** How the one setup went by which every test here finds an installation. */
let made: { code: number | null; output: string; calls: string[] };
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  mkdirSync(docker);
  const standIn = await startStandIn();
  const edge = await startEdge(standIn.account, HOST);
  hosts = await startTokenHosts();
  postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), log: () => {} });
  closing.push(standIn.close, edge.close, hosts.close, () => postgres.stop());
  place = { standIn, edge: edge.url, folder: path.join(folder, 'installation') };
  const emails = '--emails=you@example.com,ada@example.com';
  const ended = await command('setup', '--yes', `--host=${HOST}`, emails);
  made = { ...ended, calls: standIn.writes() };
}, STARTS_WITHIN_MS);
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  rmSync(folder, { recursive: true, force: true });
});

/** A program of the project's, in an environment that holds nothing of this machine's. */
async function run(at: Place, program: string, ...args: string[]) {
  const child = spawn(process.execPath, [path.join(ROOT, program), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${path.join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
      HOME: folder,
      WRANGLER_LOG_PATH: path.join(folder, 'logs'),
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_DOCKER_BIN: path.join(ROOT, 'install/testing/docker'),
      DOCKER_STAND_IN: docker,
      CLOUDFLARE_API_BASE_URL: at.standIn.url,
      CLOUDFLARE_API_TOKEN: at.standIn.token,
      MAINLOOP_INSTALLATION_DIR: at.folder,
      DATABASE_URL: postgres.url,
      ANTHROPIC_API_KEY: 'sk-ant-1',
      GITHUB_TOKEN: 'github_pat_1',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

const commandAt = (at: Place, name: string, ...args: string[]) =>
  run(
    at,
    'install/main.ts',
    name,
    `--address=${at.edge}`,
    `--anthropic-base-url=${hosts.anthropic}`,
    `--github-api-url=${hosts.github}`,
    ...args,
  );
const command = (name: string, ...args: string[]) => commandAt(place, name, ...args);

/** What the account was called with meanwhile that changes something. */
async function writesOf(work: () => Promise<void>): Promise<string[]> {
  const before = place.standIn.writes().length;
  await work();
  return place.standIn.writes().slice(before);
}

/** What a path says beside the account and ids. */
const shape = (call: string) =>
  call
    .replace(/c{8}-[\w-]+/g, '<id>')
    .replace(/[a-f\d]{32}/g, '<id>')
    .replace(/applications\/.*/, 'applications/<id>');

it('setup, with the real wrangler, a real Postgres and nobody there, ends with a Worker that answers', () => {
  expect(made.output).toContain(`Mainloop is at https://${HOST}`);
  expect(made.code).toBe(0);
  const { account, wrong } = place.standIn;
  expect(wrong).toEqual([]);
  const { worker, images, domains, queues } = account;
  expect(worker?.containers).toMatchObject([
    { class_name: 'TaskSandbox', images: { runner: [...images][0] } },
  ]);
  expect(domains.get(HOST)).toBe('mainloop');
  expect([...queues.values()].flatMap(({ consumers }) => consumers)).toHaveLength(2);
  expect(worker?.secrets.get('ANTHROPIC_API_KEY')).toBe('sk-ant-1');
  // No secret in what is printed, nor in a file that others may read.
  for (const value of worker?.secrets.values() ?? []) expect(made.output).not.toContain(value);
  expect(statSync(path.join(place.folder, 'secrets.env')).mode & 0o077).toBe(0);
  const kept = readFileSync(path.join(place.folder, 'installation.json'), 'utf8');
  expect(kept).not.toContain('sk-ant-1');
});

it('what wrangler called is what the other tests have cut off after', async () => {
  const fake = await world();
  await setup(fake.options(), fake.ports);
  const pretended = fake.standIn.writes();
  await fake.close();
  const wranglersOwn = (calls: string[]) =>
    calls
      .map(shape)
      .filter((call) => !call.endsWith('/workers/assets/upload'))
      .toSorted();
  expect(wranglersOwn(pretended)).toEqual(wranglersOwn(made.calls));
});

it('setup and deploy again write nothing and start no wrangler', async () => {
  const writes = await writesOf(async () => {
    for (const again of [await command('setup', '--yes'), await command('deploy')]) {
      expect(again.output).toMatch(/^Nothing had to be changed/);
      expect(again.code).toBe(0);
    }
  });
  expect(writes).toEqual([]);
});

it('doctor ends with 0 where all is good, and with 1 where something is not', async () => {
  const good = await command('doctor', '--json');
  expect(JSON.parse(good.output)).toMatchObject({ good: true });
  expect(good.code).toBe(0);
  hosts.state.anthropic = 401;
  const bad = await command('doctor').finally(() => (hosts.state.anthropic = 200));
  expect(bad.output).toMatch(/WRONG {2}Anthropic API key: .*401.*\n.*--anthropic-api-key=/);
  expect(bad.code).toBe(1);
});

it('a migration that fails changes nothing: the database stays, and the Worker that uses it', async () => {
  const sql = connect(postgres.url, { max: 1, onnotice: () => {} });
  // As if the last one had not been run: what it makes is there already, so it fails.
  const last = await sql`
    delete from drizzle.__drizzle_migrations
    where created_at = (select max(created_at) from drizzle.__drizzle_migrations) returning *`;
  const tables = () => sql`
    select table_name, column_name from information_schema.columns
    where table_schema = 'public' order by 1, 2`;
  const versions = () => place.standIn.account.worker?.versions.length;
  try {
    const before = { tables: await tables(), versions: versions() };
    const writes = await writesOf(async () => {
      const { code, output } = await command('deploy', '--force');
      expect(output).toMatch(/could not be brought up to date: .*already exists.*goes on working/s);
      expect(code).toBe(1);
    });
    expect(writes).toEqual([]);
    expect({ tables: await tables(), versions: versions() }).toEqual(before);
  } finally {
    const mended = last.map(({ hash, created_at }) => ({ hash, created_at }));
    await sql`insert into drizzle.__drizzle_migrations ${sql(mended)}`;
    await sql.end();
  }
  expect((await command('deploy')).code).toBe(0);
}, 60_000);

it('the Worker is built without an account and without Docker, and is small enough', async () => {
  const out = path.join(folder, 'built');
  const { code, output } = await run(
    place,
    'node_modules/wrangler/bin/wrangler.js',
    'deploy',
    '--dry-run',
    '--containers-rollout=none',
    `--outdir=${out}`,
  );
  expect(output).toContain('--dry-run: exiting now');
  expect(code).toBe(0);
  expect(gzipSync(readFileSync(path.join(out, 'index.js'))).length).toBeLessThan(GZIP_MAX_BYTES);
});

it('uninstall takes away all of it and leaves Postgres', async () => {
  // One of its own: the others need theirs.
  const other = await world();
  closing.push(other.close);
  await setup(other.options(), other.ports);
  const at = { ...place, standIn: other.standIn, folder: other.ports.folder.path };
  const unsure = await commandAt(at, 'uninstall');
  expect(unsure.code).toBe(1);
  expect(unsure.output).toMatch(/Nothing was removed/);
  const { code, output } = await commandAt(at, 'uninstall', '--yes');
  expect(output).toContain('Postgres and all that it holds stay');
  expect(code).toBe(0);
  const { account } = other;
  expect(account.worker).toBeNull();
  for (const { size } of [
    account.hyperdrives,
    account.queues,
    account.buckets,
    account.accessApps,
    account.workflows,
    account.domains,
    account.applications,
  ]) {
    expect(size).toBe(0);
  }
  expect(other.standIn.wrong).toEqual([]);
});
