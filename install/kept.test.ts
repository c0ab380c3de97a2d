import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setup } from './setup.ts';
import { type World, ROOT, world } from './testing/world.ts';
import { uninstall } from './uninstall.ts';

let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

const inFolder = (name: string) => path.join(at.ports.folder.path, name);

describe('the database’s password', () => {
  const changed = '--database-url=postgres://mainloop:next@db.example.net:5432/history';

  it('that was changed reaches Hyperdrive, once, and is not kept with what is no secret', async () => {
    await setup(at.options(), at.ports);
    expect(at.account.passwords.get('mainloop')).toBe('pass');
    await setup(at.later(changed), at.ports);
    expect(at.account.passwords.get('mainloop')).toBe('next');
    expect(await setup(at.later(), at.ports)).toBe(false);
    expect(readFileSync(inFolder('installation.json'), 'utf8')).not.toContain('next');
  });

  it('whose change was cut off reaches it with the next setup', async () => {
    await setup(at.options(), at.ports);
    at.standIn.spoil({ at: 1, done: false });
    await expect(setup(at.later(changed), at.ports)).rejects.toThrow(/did not answer/);
    at.standIn.spoil(null);
    await setup(at.later(), at.ports);
    expect(at.account.passwords.get('mainloop')).toBe('next');
  });

  it('with a bare % is refused in words', async () => {
    const url = '--database-url=postgres://mainloop:50%off@db.example.net/history';
    await expect(setup(at.options(url), at.ports)).rejects.toThrow(/is written %25/);
  });
});

describe('ENCRYPTION_KEYS', () => {
  const deployed = () => at.account.worker?.secrets.get('ENCRYPTION_KEYS');

  it('of a setup that was cut off here and finished elsewhere stay the Worker’s', async () => {
    at.state.hasDocker = false;
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/Docker/);
    at.state.hasDocker = true;
    const here = at.ports.folder.readSecrets().ENCRYPTION_KEYS;
    const other = await world();
    await setup(at.options(), { ...at.ports, folder: other.ports.folder });
    const used = deployed();
    expect(used).not.toBe(here);

    await setup(at.later('--force', '--take-over'), at.ports);
    expect(deployed()).toBe(used);
    expect(at.said.join('\n')).toMatch(/--replace-keys sends them/);
    // Nothing is thrown away either.
    expect(at.ports.folder.readSecrets().ENCRYPTION_KEYS).toBe(here);
    await setup(at.later('--replace-keys'), at.ports);
    expect(deployed()).toBe(here);
    expect(await setup(at.later(), at.ports)).toBe(false);
    await other.close();
  });

  it('are replaced by those of the folder that deployed them', async () => {
    await setup(at.options(), at.ports);
    const next = `2:${'A'.repeat(43)}=,${deployed()}`;
    at.ports.folder.writeSecrets({ ...at.ports.folder.readSecrets(), ENCRYPTION_KEYS: next });
    await setup(at.later(), at.ports);
    expect(deployed()).toBe(next);
  });
});

describe('a folder that an older version wrote', () => {
  const file = () => inFolder('installation.json');
  const written = () => JSON.parse(readFileSync(file(), 'utf8')) as Record<string, unknown>;
  const deployed = () => at.account.worker?.secrets.get('ENCRYPTION_KEYS');

  it('before it said what was sent, leads on: its keys are those of the version that runs', async () => {
    await setup(at.options(), at.ports);
    const { keysSent: _, hyperdriveSent: __, ...old } = written();
    writeFileSync(file(), JSON.stringify(old));
    at.said.length = 0;
    await setup(at.later(), at.ports);
    expect(at.said.join('\n')).not.toMatch(/ENCRYPTION_KEYS that this folder did not give/);
    expect(at.account.worker?.versions).toHaveLength(1);
    expect(at.ports.folder.read()).toMatchObject({ keysSent: { isSure: true } });
    const next = `2:${'A'.repeat(43)}=,${deployed()}`;
    at.ports.folder.writeSecrets({ ...at.ports.folder.readSecrets(), ENCRYPTION_KEYS: next });
    await setup(at.later(), at.ports);
    expect(deployed()).toBe(next);
  });

  it('with addresses and no variables yet is read as it was meant', async () => {
    const gateway = 'https://gateway.example.net';
    await setup(at.options(`--anthropic-base-url=${gateway}`), at.ports);
    const { vars, keysSent: _, hyperdriveSent: __, ...old } = written();
    writeFileSync(file(), JSON.stringify({ ...old, addresses: vars }));
    await setup(at.later(), at.ports);
    expect(written()).toMatchObject({ vars: { ANTHROPIC_BASE_URL: gateway } });
    expect(written()).not.toHaveProperty('addresses');
    expect(at.account.worker?.versions).toHaveLength(1);
  });
});

describe('one folder', () => {
  it('is one command’s at a time', async () => {
    const [first, second] = await Promise.allSettled([
      setup(at.options(), at.ports),
      setup(at.options(), at.ports),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({
      reason: { message: expect.stringMatching(/Another command is at work/) },
    });
    expect(at.account.worker?.versions).toHaveLength(1);
    await uninstall(at.later(), at.ports);
    expect(existsSync(inFolder('lock'))).toBe(false);
  });

  it('that a killed command had is taken over, and what it left of secrets is swept', async () => {
    await setup(at.options(), at.ports);
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    writeFileSync(inFolder('lock'), String(child.pid));
    writeFileSync(inFolder('deploying.json'), '{}');
    writeFileSync(inFolder('secrets.env.1.new'), '');
    await setup(at.later(), at.ports);
    expect(readdirSync(at.ports.folder.path).toSorted()).toEqual([
      'installation.json',
      'secrets.env',
      'wrangler.json',
    ]);
  });

  it('whose installation.json is broken is told in words', async () => {
    await setup(at.options(), at.ports);
    writeFileSync(inFolder('installation.json'), '{"version": 1,');
    await expect(setup(at.later(), at.ports)).rejects.toThrow(/is not what setup wrote/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('keeps no secrets that %s stopped', async (signal) => {
    const script = `
      import { deployWorker } from ${JSON.stringify(path.join(ROOT, 'install/deploy-worker.ts'))};
      const wait = () => new Promise(() => setInterval(() => {}, 1000));
      const wrangler = () => () => (console.log('runs'), wait());
      const folder = { path: process.argv[1], configuration: '' };
      const ports = { folder, buildWeb: async () => {}, hasDocker: async () => true, wrangler };
      await deployWorker(ports, 'a', 'tag', { GITHUB_TOKEN: 'secret' }, false, async () => {});`;
    at.ports.folder.lock()();
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', script, at.ports.folder.path],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    expect(existsSync(inFolder('deploying.json'))).toBe(true);
    child.kill(signal);
    const [, by] = await once(child, 'exit');
    expect(by).toBe(signal);
    expect(existsSync(inFolder('deploying.json'))).toBe(false);
  });
});
