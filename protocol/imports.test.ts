import { describe, expect, it } from 'vitest';
import {
  type Import,
  PARTS,
  type SourceFile,
  isTest,
  sourceFiles,
} from './testing/source-files.ts';

const FILES = PARTS.flatMap(sourceFiles).filter(({ file }) => !isTest(file));

/** What each part may import of the others. Imports point one way. */
const MAY_IMPORT: Record<string, string[]> = {
  protocol: [],
  worker: ['protocol'],
  web: ['protocol'],
  sandbox: ['protocol'],
  install: ['dev'],
};

/** A room inside a part: its files, and the other rooms that these may import, types included. */
type Room = { name: string; files: RegExp; may: string[] };

/**
 * The rooms of the Worker, lowest first: pure rules, then what they are stored in and what reaches
 * outside, then the two Durable Objects, then the routes. The gateway knows nothing of tasks: the
 * Task mints and checks its passes. The conversation knows of tasks what `tasks/api.ts` says.
 */
const WORKER: Room[] = [
  { name: 'platform', files: /^worker\/platform\//, may: [] },
  // Sends what it is given; knows of the conversation nothing.
  { name: 'push', files: /^worker\/push\//, may: ['platform'] },
  // Types of the bindings, which name every class; none of its code.
  {
    name: 'bindings',
    files: /^worker\/env\.ts$/,
    may: ['tasks', 'thread', 'github', 'sandbox', 'rules'],
  },
  { name: 'attachments', files: /^worker\/attachments\/(?!routes\.ts$)/, may: ['platform'] },
  { name: 'models', files: /^worker\/(?:models\/|history\/rows\.ts$)/, may: ['bindings'] },
  {
    name: 'rules',
    files:
      /^worker\/tasks\/(?:(?:api|summary)\.ts$|lifecycle\/|delivery\/(?:checks|feedback|harmless)\.ts$|decisions\/(?:issue-rows|verdict|wording)\.ts$)/,
    may: [],
  },
  {
    name: 'storage',
    files: /^worker\/(?:tasks|thread)\/storage\//,
    may: ['platform', 'models', 'rules', 'push'],
  },
  { name: 'history', files: /^worker\/history\//, may: ['bindings', 'platform', 'models'] },
  { name: 'auth', files: /^worker\/auth\//, may: ['bindings', 'platform'] },
  { name: 'github', files: /^worker\/github\//, may: ['bindings', 'platform', 'rules'] },
  {
    name: 'gateway',
    files: /^worker\/gateway\//,
    may: ['bindings', 'platform', 'models', 'attachments', 'github'],
  },
  {
    name: 'sandbox',
    files: /^worker\/sandbox\//,
    may: ['bindings', 'platform', 'gateway'],
  },
  {
    name: 'tasks',
    files: /^worker\/tasks\//,
    may: [
      'bindings',
      'platform',
      'models',
      'rules',
      'storage',
      'history',
      'github',
      'gateway',
      'sandbox',
    ],
  },
  {
    name: 'thread',
    files: /^worker\/thread\//,
    may: [
      'bindings',
      'platform',
      'models',
      'rules',
      'storage',
      'history',
      'github',
      'auth',
      'push',
      'attachments',
    ],
  },
  {
    name: 'routes',
    files:
      /^worker\/(?:(?:app|index|refill|secret-routes)\.ts$|backup\/|activity\/|attachments\/routes\.ts$)/,
    may: [
      'bindings',
      'platform',
      'rules',
      'storage',
      'history',
      'auth',
      'github',
      'gateway',
      'sandbox',
      'tasks',
      'thread',
      'attachments',
    ],
  },
];

/** The places of the web, lowest first: a place may use those below it. */
const WEB: Room[] = [
  { name: 'ui', files: /^web\/ui\//, may: [] },
  { name: 'net', files: /^web\/net\//, may: [] },
  { name: 'state', files: /^web\/state\//, may: ['net'] },
  { name: 'push', files: /^web\/push\//, may: ['net', 'state'] },
  { name: 'attachments', files: /^web\/attachments\//, may: ['ui', 'net', 'state'] },
  { name: 'inbox', files: /^web\/inbox\//, may: ['ui', 'state'] },
  { name: 'settings', files: /^web\/settings\//, may: ['ui', 'net', 'state', 'push', 'health'] },
  { name: 'health', files: /^web\/health\//, may: ['ui', 'net'] },
  { name: 'changes', files: /^web\/changes\//, may: ['ui', 'net', 'state'] },
  {
    name: 'tasks',
    files: /^web\/tasks\//,
    may: ['ui', 'net', 'state', 'inbox', 'changes', 'attachments'],
  },
  { name: 'chat', files: /^web\/chat\//, may: ['ui', 'state', 'inbox', 'tasks', 'attachments'] },
  { name: 'search', files: /^web\/search\//, may: ['ui', 'net', 'state', 'tasks'] },
  { name: 'palette', files: /^web\/palette\//, may: ['ui', 'state', 'inbox', 'tasks'] },
  {
    name: 'shell',
    files: /^web\/shell\//,
    may: ['ui', 'state', 'push', 'inbox', 'tasks', 'palette'],
  },
  {
    name: 'app',
    files: /^web\/[^/]+$/,
    may: [
      'ui',
      'net',
      'state',
      'inbox',
      'settings',
      'health',
      'tasks',
      'chat',
      'search',
      'shell',
      'push',
    ],
  },
];

const roomOf = (rooms: Room[], file: string) => rooms.find(({ files }) => files.test(file));

function mayImport(file: string, { target }: Import): boolean {
  const [part = ''] = file.split('/');
  const [other = ''] = target.split('/');
  return other === part || (MAY_IMPORT[part]?.includes(other) ?? false);
}

/** The imports of these files that a rule forbids, as `from -> to`. */
function forbidden(files: SourceFile[], may: (file: string, one: Import) => boolean): string[] {
  return files.flatMap(({ file, imports }) =>
    imports.filter((one) => !may(file, one)).map(({ target }) => `${file} -> ${target}`),
  );
}

it.each(Object.keys(MAY_IMPORT))('%s imports only what its place in the house allows', (part) => {
  const files = FILES.filter(({ file }) => file.startsWith(`${part}/`));
  expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(0);
  expect(forbidden(files, mayImport)).toEqual([]);
});

describe.each([
  { part: 'worker', rooms: WORKER },
  { part: 'web', rooms: WEB },
])('inside $part/', ({ part, rooms }) => {
  const files = FILES.filter(({ file }) => file.startsWith(`${part}/`));

  it('each file stands in a room, and no room is empty', () => {
    expect(files.filter(({ file }) => roomOf(rooms, file) === undefined)).toEqual([]);
    const used = new Set(files.map(({ file }) => roomOf(rooms, file)?.name));
    expect(rooms.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
  });

  it('a room imports only what stands below it', () => {
    const may = (file: string, { target, typeOnly }: Import) => {
      const [from, to] = [roomOf(rooms, file), roomOf(rooms, target)];
      if (to === undefined || from === undefined || from === to) return true;
      return from.may.includes(to.name) && (typeOnly || ![from.name, to.name].includes('bindings'));
    };
    expect(forbidden(files, may)).toEqual([]);
  });
});

it('no file imports itself by way of others, its types neither but for those of the bindings', () => {
  const isBindings = (file: string) => roomOf(WORKER, file)?.name === 'bindings';
  const ways = new Map(
    FILES.map(({ file, imports }) => [
      file,
      imports.filter(({ typeOnly }) => !typeOnly || !isBindings(file)).map(({ target }) => target),
    ]),
  );
  const rings: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: string[]) => {
    const at = way.indexOf(file);
    if (at !== -1) rings.push([...way.slice(at), file].join(' -> '));
    if (at !== -1 || done.has(file)) return;
    for (const target of ways.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of ways.keys()) visit(file, []);
  expect(rings).toEqual([]);
});

it('the rules of the Worker know nothing of Cloudflare, of storage, or of the clock', () => {
  const rules = FILES.filter(({ file }) => roomOf(WORKER, file)?.name === 'rules');
  const guilty = rules.filter(({ text }) =>
    /from 'cloudflare:|\b(?:DurableObject|SqlStorage|WorkflowEntrypoint)\b|\bDate\.now\(|\bfetch\(/.test(
      text,
    ),
  );
  expect(guilty.map(({ file }) => file)).toEqual([]);
});

it('what is tested in Node imports nothing of Cloudflare', () => {
  const tested = PARTS.flatMap(sourceFiles)
    .filter(({ file }) => file.startsWith('worker/') && /(?<!\.worker|\.pg)\.test\.ts$/.test(file))
    .map(({ file }) => file.replace(/\.test\.ts$/, '.ts'));
  const guilty = FILES.filter(({ file }) => tested.includes(file)).filter(({ text }) =>
    text.includes("from 'cloudflare:"),
  );
  expect(guilty.map(({ file }) => file)).toEqual([]);
});
