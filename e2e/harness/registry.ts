import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const BLOCK = 512;
const PROBE = path.join(import.meta.dirname, 'egress-probe.ts');
/** Written by `git update-server-info`: a repository that any web server can serve. */
const REPOSITORY = 'things.git';

export type StandInRegistry = {
  port: number;
  /** What was asked for, as `METHOD path`. */
  asked: string[];
  stop(): Promise<void>;
};

/** One file in a tape archive. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
function tarEntry(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const head = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  head.write(name, 0);
  head.write(octal(0o644, 8), 100);
  head.write(octal(0, 8), 108);
  head.write(octal(0, 8), 116);
  head.write(octal(content.byteLength, 12), 124);
  head.write(octal(0, 12), 136);
  head.write('        0', 148);
  head.write('ustar\u000000', 257);
  head.write(
    `${octal(
      head.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  );
  const padding = Buffer.alloc((BLOCK - (content.byteLength % BLOCK)) % BLOCK);
  return Buffer.concat([head, content, padding]);
}

function npmPackage(name: string): Buffer {
  const manifest = JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
  // Something to carry, different in each.
  const code = `module.exports = '${name}';\n${`// ${createHash('sha512').update(name).digest('hex')}\n`.repeat(40)}`;
  const end = Buffer.alloc(2 * BLOCK);
  return gzipSync(
    Buffer.concat([
      tarEntry('package/package.json', manifest),
      tarEntry('package/index.js', code),
      end,
    ]),
  );
}

/** A wheel of one module, made by Python itself; null where there is none. */
function pythonWheel(folder: string): string | null {
  const info = path.join(folder, 'standin_thing-1.0.dist-info');
  mkdirSync(info, { recursive: true });
  writeFileSync(path.join(folder, 'standin_thing.py'), "WORD = 'from the index'\n");
  const written = {
    METADATA: 'Metadata-Version: 2.1\nName: standin-thing\nVersion: 1.0\n',
    WHEEL: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    RECORD:
      'standin_thing.py,,\nstandin_thing-1.0.dist-info/METADATA,,\nstandin_thing-1.0.dist-info/WHEEL,,\nstandin_thing-1.0.dist-info/RECORD,,\n',
  };
  for (const [name, text] of Object.entries(written)) writeFileSync(path.join(info, name), text);
  const wheel = 'standin_thing-1.0-py3-none-any.whl';
  try {
    const parts = ['standin_thing.py', 'standin_thing-1.0.dist-info'];
    execFileSync('python3', ['-m', 'zipfile', '-c', wheel, ...parts], { cwd: folder });
    return path.join(folder, wheel);
  } catch {
    return null;
  }
}

function bareRepository(folder: string): void {
  const run = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: folder,
      stdio: 'ignore',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    });
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  run('init', '-q', '-b', 'main', 'work');
  run('-C', 'work', ...identity, 'commit', '-q', '--allow-empty', '-m', 'First');
  run('clone', '-q', '--bare', 'work', REPOSITORY);
  run('-C', REPOSITORY, 'update-server-info');
}

/** A project that needs them all, with its lock file. */
function projectOf(tarballs: ReadonlyMap<string, Buffer>): Record<string, string> {
  const dependencies = Object.fromEntries([...tarballs.keys()].map((name) => [name, '1.0.0']));
  const project = { name: 'project', version: '1.0.0', dependencies };
  const locked = [...tarballs].map(([name, bytes]) => [
    `node_modules/${name}`,
    {
      version: '1.0.0',
      resolved: `https://registry.npmjs.org/${name}/-/${name}-1.0.0.tgz`,
      integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    },
  ]);
  return {
    'package.json': JSON.stringify(project),
    'package-lock.json': JSON.stringify({
      ...project,
      lockfileVersion: 3,
      requires: true,
      packages: { '': project, ...Object.fromEntries(locked) },
    }),
  };
}

/**
 * Stands in for npm's registry, for PyPI with its files, and for a git host, all on one port: for what
 * answers behind the names of the real ones. It also hands out, under `/-/`, a project that needs all
 * of its packages, and the program that tries a sandbox's ways out.
 */
export async function startStandInRegistry(packages: number): Promise<StandInRegistry> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-registry-'));
  const wheel = pythonWheel(folder);
  bareRepository(folder);
  const names = Array.from({ length: packages }, (_, at) => `standin-${at}`);
  const tarballs = new Map(names.map((name) => [name, npmPackage(name)]));
  const asked: string[] = [];
  const files = new Map(
    Object.entries({ ...projectOf(tarballs), 'probe.ts': readFileSync(PROBE) }).map(
      ([name, text]) => [`/-/${name}`, text],
    ),
  );
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://registry');
    asked.push(`${request.method} ${pathname}`);
    const [, name = ''] = /^\/(standin-\d+)\/-\//.exec(pathname) ?? [];
    const tarball = tarballs.get(name);
    if (tarball !== undefined) {
      response.writeHead(200, { 'content-length': tarball.byteLength });
      response.end(tarball);
    } else if (files.has(pathname)) {
      response.end(files.get(pathname));
    } else if (pathname === '/simple/standin-thing/') {
      // Compressed, as the real one does.
      const file = 'https://files.pythonhosted.org/packages/standin_thing-1.0-py3-none-any.whl';
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
      response.end(gzipSync(`<a href="${file}">standin_thing-1.0-py3-none-any.whl</a>`));
    } else if (pathname === '/example.com/thing/@v/list') {
      response.end('v1.0.0\n');
    } else if (/^\/example\.com\/thing\/@(?:latest$|v\/v1\.0\.0\.info$)/.test(pathname)) {
      response.end(JSON.stringify({ Version: 'v1.0.0', Time: '2026-01-01T00:00:00Z' }));
    } else if (pathname === '/example.com/thing/@v/v1.0.0.mod') {
      response.end('module example.com/thing\n');
    } else if (pathname === '/things/./Packages' || pathname === '/things/Packages') {
      response.end('');
    } else if (pathname.endsWith('.whl') && wheel !== null) {
      response.end(readFileSync(wheel));
    } else if (pathname.startsWith(`/${REPOSITORY}/`) && !pathname.includes('..')) {
      const file = path.join(folder, pathname);
      try {
        response.end(readFileSync(file));
      } catch {
        response.writeHead(404).end();
      }
    } else if (pathname === '/moved') {
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
    } else response.writeHead(404).end('There is no such thing.');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
