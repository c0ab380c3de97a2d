import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GitHost, startGitHost } from '../dev/githost/githost.ts';
import { leastPermissions } from '../worker/github/app/permissions.ts';
import { APP_PERMISSIONS, keyInOneLine, tryGitHubApp } from './github-app.ts';

const STRANGE = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
let folder: string;
let host: GitHost;
let app: NonNullable<GitHost['app']>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mainloop-app-'));
  host = await startGitHost({
    dataDir: folder,
    demoDir: path.resolve('dev/demo'),
    repositories: [{ owner: 'acme', name: 'todo', dir: 'todo' }],
    withApp: true,
    log: () => {},
  });
  if (host.app === null) throw new Error('It was asked for.');
  app = host.app;
});
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  app.suspended = false;
  app.permissions.contents = 'write';
});

const tried = (given: Partial<{ id: string; key: string }> = {}) =>
  tryGitHubApp(
    host.apiUrl,
    { id: app.id, key: keyInOneLine(app.privateKey), ...given },
    Date.now(),
  );

describe('a GitHub App', () => {
  it('whose key is right and that is installed is good', async () => {
    expect(await tried()).toEqual({ is: 'good' });
  });

  it('with another key is refused', async () => {
    const key = STRANGE.export({ type: 'pkcs1', format: 'pem' }).toString();
    expect(await tried({ key })).toMatchObject({
      is: 'refused',
      text: expect.stringMatching(/refuses the key of the GitHub App \d+/),
    });
    expect(await tried({ key: 'no key' })).toMatchObject({ is: 'refused' });
  });

  it('that is suspended, or lacks a permission, is doubtful', async () => {
    app.permissions.contents = 'read';
    expect(await tried()).toMatchObject({
      is: 'doubtful',
      text: expect.stringMatching(/on acme lacks permissions: contents \(write\)\./),
    });
    app.suspended = true;
    expect(await tried()).toMatchObject({
      is: 'doubtful',
      text: expect.stringMatching(/on acme is suspended: http/),
    });
  });

  it('that is installed nowhere is doubtful, with where to install it', async () => {
    const names = [...app.installedOn];
    app.installedOn.clear();
    expect(await tried()).toMatchObject({
      is: 'doubtful',
      text: expect.stringMatching(/is installed nowhere: http.*\/installations\/new/),
    });
    for (const name of names) app.installedOn.add(name);
  });

  it('that nobody could ask about is neither', async () => {
    const away = await tryGitHubApp('http://127.0.0.1:1', { id: '1', key: app.privateKey }, 0);
    expect(away).toMatchObject({ is: 'unknown' });
  });

  it('is tried for what the Worker asks for', () => {
    const all = leastPermissions('api', APP_PERMISSIONS);
    expect(all).toEqual({ is: 'enough', permissions: APP_PERMISSIONS });
  });
});

describe('its key', () => {
  it('is taken as a file and as text, and kept on one line', () => {
    const file = path.join(folder, 'app.pem');
    writeFileSync(file, app.privateKey);
    expect(keyInOneLine(file)).toBe(keyInOneLine(app.privateKey));
    expect(keyInOneLine(file)).not.toContain('\n');
    expect(keyInOneLine(keyInOneLine(file))).toBe(keyInOneLine(file));
  });

  it('that is no key, or no file, is refused in words', () => {
    expect(() => keyInOneLine('/nowhere/app.pem')).toThrow(
      /cannot be read from \/nowhere\/app\.pem/,
    );
    expect(() => keyInOneLine('-----BEGIN CERTIFICATE-----')).toThrow(/is no private key/);
  });
});
