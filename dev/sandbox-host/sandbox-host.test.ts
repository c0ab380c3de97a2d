import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesWith } from '../../sandbox/left-running.ts';
import { freePort } from '../ports.ts';
import { findJail } from './jail.ts';
import { type SandboxHost, startSandboxHost } from './sandbox-host.ts';

const TASK = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const GONE_WITHIN_MS = 5_000;

const kinds = findJail().is === 'there' ? [true, false] : [false];

describe.each(kinds)('a sandbox host (in a jail: %s)', (jail) => {
  let folder: string;
  let host: SandboxHost;
  let gateway: string;
  let asked: string[];
  let stopGateway: () => void;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mainloop-sandboxes-'));
    host = await startSandboxHost({ dataDir: folder, key: 'the key', log: () => {}, jail });
    asked = [];
    // Takes the runner's questions and leaves them open: the runner lives, and waits.
    const server = createServer((request) => asked.push(request.headers.authorization ?? ''));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    gateway = `http://127.0.0.1:${port}`;
    stopGateway = () => {
      server.closeAllConnections();
      server.close();
    };
  });

  afterEach(async () => {
    await host.stop();
    stopGateway();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = (method: string, generation: number, body?: unknown, key = 'the key') =>
    fetch(`${host.url}/runs/${TASK}/${generation}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const start = (generation: number) =>
    call('PUT', generation, {
      MAINLOOP_GATEWAY: gateway,
      MAINLOOP_TASK_TOKEN: `token-${generation}`,
    });
  const alive = async (generation: number) => (await call('GET', generation)).json();

  it('starts a run once, with the token that it was given, and ends it whole', async () => {
    await start(1);
    await start(1);
    await expect.poll(() => asked, { timeout: 10_000 }).toEqual(['Bearer token-1']);
    expect(await alive(1)).toEqual({ alive: true });
    const begun = Date.now();
    await call('DELETE', 1);
    expect(Date.now() - begun).toBeLessThan(GONE_WITHIN_MS);
    expect(await alive(1)).toEqual({ alive: false });
    expect(existsSync(path.join(folder, 'runs', TASK))).toBe(false);
  });

  it.skipIf(jail)('ends what has left the runner’s group, as a set-up’s script does', async () => {
    await start(1);
    const home = path.join(folder, 'runs', TASK, 'home');
    const script = spawn('sleep', ['1000'], {
      detached: true,
      stdio: 'ignore',
      env: { PATH: process.env.PATH, HOME: home, TOKEN: 'secret' },
    });
    const ended = once(script, 'exit');
    try {
      await call('DELETE', 1);
      expect(processesWith(`HOME=${home}`)).toEqual([]);
    } finally {
      script.kill('SIGKILL');
    }
    expect((await ended)[1]).toBe('SIGKILL');
  });

  it('replaces an older generation, and never the other way round', async () => {
    await start(1);
    await start(2);
    expect([await alive(1), await alive(2)]).toEqual([{ alive: false }, { alive: true }]);
    expect((await start(1)).status).toBe(500);
    expect(await alive(2)).toEqual({ alive: true });
  });

  it('tells where a name leads', async () => {
    const look = async (name: string, key = 'the key') => {
      const headers = { authorization: `Bearer ${key}` };
      return fetch(`${host.url}/names/${encodeURIComponent(name)}`, { headers });
    };
    for (const name of ['localhost', '127.0.0.1', '[::1]', '10.1.2.3']) {
      expect(await (await look(name)).json()).toEqual({ leads: 'inside' });
    }
    expect(await (await look('93.184.216.34')).json()).toEqual({ leads: 'outside' });
    expect(await (await look('nobody-has-it.invalid')).json()).toEqual({ leads: 'nowhere' });
    expect((await look('localhost', 'another')).status).toBe(401);
  });

  it('opens to its key only, and gives a sandbox no other variable', async () => {
    expect((await call('GET', 1, undefined, 'another')).status).toBe(401);
    const more = { MAINLOOP_GATEWAY: gateway, MAINLOOP_TASK_TOKEN: 't', GITHUB_TOKEN: 'secret' };
    expect((await call('PUT', 1, more)).status).toBe(400);
    expect(await alive(1)).toEqual({ alive: false });
  });
});
