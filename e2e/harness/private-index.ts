import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../dev/ports.ts';

/** Another address of this machine than the one that programs reach without a proxy. */
const ADDRESS = '127.0.0.2';
const WHEEL = 'acme_greeting-1.0-py3-none-any.whl';

/** Writes the least that pip takes for a wheel. https://packaging.python.org/en/latest/specifications/binary-distribution-format/ */
const WRITE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('acme_greeting.py', 'def greet(name):\\n    return f"Good day, {name}."\\n')
    info = 'acme_greeting-1.0.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: acme-greeting\\nVersion: 1.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`;

export type PrivateIndex = {
  /** Name and port, as a list of hosts has it. */
  host: string;
  /** What was asked for, with the status of the answer. */
  asked: string[];
  stop(): Promise<void>;
};

/** True where the system's own Python can install packages. */
export function hasPip(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A package index with one Python package, for whoever has the password. https://peps.python.org/pep-0503/ */
export async function startPrivateIndex(password: string): Promise<PrivateIndex> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-index-'));
  const file = path.join(folder, WHEEL);
  execFileSync('/usr/bin/python3', ['-c', WRITE_WHEEL, file]);
  const wheel = readFileSync(file);
  rmSync(folder, { recursive: true, force: true });
  const wanted = `Basic ${Buffer.from(`ci:${password}`).toString('base64')}`;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const answer = (status: number, body: string | Buffer, type = 'text/html') => {
      asked.push(`${status} ${request.url}`);
      response.writeHead(status, {
        'content-type': type,
        ...(status === 401 && { 'www-authenticate': 'Basic realm="packages"' }),
      });
      response.end(body);
    };
    if (request.headers.authorization !== wanted) answer(401, 'Who are you?');
    else if (request.url === '/simple/acme-greeting/')
      answer(200, `<!DOCTYPE html><a href="/files/${WHEEL}">${WHEEL}</a>`);
    else if (request.url === `/files/${WHEEL}`) answer(200, wheel, 'application/zip');
    else answer(404, 'There is no such package.');
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, ADDRESS, resolve));
  return {
    host: `${ADDRESS}:${port}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
