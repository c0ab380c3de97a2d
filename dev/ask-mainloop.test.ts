import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { postMainloop } from './ask-mainloop.ts';

function command(url: string, program: string, ...given: string[]) {
  const env = { PATH: process.env.PATH, MAINLOOP_URL: url };
  const run = spawnSync(process.execPath, [program, ...given], { env, encoding: 'utf8' });
  return { status: run.status, said: run.stdout + run.stderr };
}

const PROGRAMS: [program: string, ...given: string[]][] = [
  ['dev/backup.ts', 'export', '/tmp/never-written.gz'],
  ['dev/history.ts', 'refill'],
];

it.each(PROGRAMS)('where nothing answers, it is said with what to do: %s %s', (...given) => {
  const { status, said } = command('http://127.0.0.1:9', ...given);
  expect(status).toBe(1);
  expect(said).toMatch(/^Nothing answers at http:\/\/127\.0\.0\.1:9 \(.+\)\. .*MAINLOOP_URL/);
});

it.each(PROGRAMS)('what is no address is said to be none: %s %s', (...given) => {
  const { status, said } = command('mainloop.example.com', ...given);
  expect(status).toBe(1);
  expect(said).toMatch(
    /^MAINLOOP_URL must be an address such as .* not "mainloop\.example\.com"\./,
  );
});

it('what is no id of a task is not sent as one', () => {
  const { status, said } = command('http://127.0.0.1:9', 'dev/history.ts', 'rebuild', 'task', 'x');
  expect(status).toBe(1);
  expect(said).toMatch(/^"x" is no id of a task\./);
});

it('a file that could not be written is refused before anything is asked', () => {
  const { status, said } = command(
    'http://127.0.0.1:9',
    'dev/backup.ts',
    'export',
    '/nowhere/x.gz',
  );
  expect(status).toBe(1);
  expect(said).toMatch(/^There is no folder \/nowhere: nothing was written\./);
});

it('what is asked too fast is asked again when it may be', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    if (asked < 3) response.writeHead(429, { 'retry-after': '0.01' }).end('{}');
    else response.end('"at last"');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await postMainloop(`http://127.0.0.1:${port}`, '/', {})).toBe('at last');
  expect(asked).toBe(3);
  server.close();
});
