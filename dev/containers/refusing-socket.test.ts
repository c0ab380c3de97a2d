import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RefusingSocket, refusingSocket } from './refusing-socket.ts';

const SANDBOX = `workerd-port-TaskSandbox-${'a1'.repeat(32)}`;
let folder: string;
let engine: http.Server;
let asked: string[];
let door: RefusingSocket;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mainloop-engine-'));
  asked = [];
  engine = http.createServer(async (request, response) => {
    asked.push(await text(request));
    response.writeHead(201).end();
  });
  await new Promise<void>((resolve) => engine.listen(path.join(folder, 'engine'), resolve));
  door = await refusingSocket(path.join(folder, 'door'), path.join(folder, 'engine'));
});
afterEach(() => {
  door.close();
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

function ask(method: string, url: string, body = ''): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    http
      .request({ socketPath: path.join(folder, 'door'), method, path: url, agent: false })
      .once('response', (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      })
      .once('error', reject)
      .end(body);
  });
}
const create = (name: string, body = '{}') =>
  ask('POST', `/v1.44/containers/create?name=${name}`, body);

it('knows which containers were begun through it, and no others', async () => {
  expect(await create(SANDBOX)).toBe(201);
  expect(await create(`${SANDBOX}-proxy`)).toBe(201);
  expect(await ask('GET', `/v1.44/containers/json`)).toBe(201);
  expect([...door.created]).toEqual([SANDBOX, `${SANDBOX}-proxy`]);
});

it('refuses sandboxes alone while it is told to', async () => {
  door.refuse('no room');
  expect(await create(SANDBOX)).toBe(500);
  expect(await create(`${SANDBOX}-proxy`)).toBe(201);
  door.refuse(null);
  expect(await create(SANDBOX)).toBe(201);
  expect([...door.created]).toEqual([`${SANDBOX}-proxy`, SANDBOX]);
});

it('gives a sandbox no raw sockets, and leaves all else that is asked for', async () => {
  const wanted = {
    Image: 'runner',
    Env: ['A=ü', `LONG=${'x'.repeat(200_000)}`],
    HostConfig: { NetworkMode: 'container:one', CapDrop: ['MKNOD'] },
  };
  expect(await create(SANDBOX, JSON.stringify(wanted))).toBe(201);
  expect(await create(`${SANDBOX}-proxy`, JSON.stringify(wanted))).toBe(201);
  const { HostConfig } = wanted;
  const got = asked.map((one): unknown => JSON.parse(one));
  expect(got).toEqual([
    { ...wanted, HostConfig: { ...HostConfig, CapDrop: ['MKNOD', 'NET_RAW'] } },
    wanted,
  ]);
  expect(await create(SANDBOX, '{"Image":"runner"}')).toBe(201);
  expect(asked.at(-1)).toBe('{"Image":"runner","HostConfig":{"CapDrop":["NET_RAW"]}}');
});

it('says so where it cannot tell what a sandbox is asked for with', async () => {
  expect(await create(SANDBOX, 'no JSON')).toBe(500);
  expect(asked).toEqual([]);
});
