import { expect, it } from 'vitest';
import { type TouchedFile, touches } from './touches.ts';

const file = (path: string, changed: Partial<TouchedFile> = {}): TouchedFile => ({
  path,
  is: 'changed',
  added: 3,
  removed: 1,
  ...changed,
});
const words = (...files: TouchedFile[]) => touches(files).map((touch) => touch.words);
const TEST = file('src/list.test.js');

it.each([
  ['.github/workflows/ci.yml', 'CI workflow'],
  ['db/migrations/0004_users.sql', '1 migration'],
  ['app/db/migrate/2026_add.rb', '1 migration'],
  ['package-lock.json', 'dependencies'],
  ['services/api/go.sum', 'dependencies'],
  ['Dockerfile', 'deployment'],
  ['infra/main.tf', 'deployment'],
  ['src/auth/session.ts', 'sign-in or permissions'],
  ['.mainloop/setup.sh', 'the sandboxes’ set-up'],
])('%s: %s', (path, said) => {
  expect(words(file(path), TEST)).toEqual([said]);
});

it.each([
  'src/authors.ts',
  'docs/migrations.md',
  'src/latest.ts',
  'lib/contest.py',
  'README.md',
  'src/package.json',
])('%s is nothing by its name', (path) => {
  expect(words(file(path), TEST)).toEqual([]);
});

it('counts what is there more than once, and names the files', () => {
  const found = touches([
    file('.github/workflows/ci.yml'),
    file('.github/workflows/release.yml'),
    file('migrations/1.sql'),
    file('migrations/2.sql'),
    TEST,
  ]);
  expect(found.map((touch) => touch.words)).toEqual(['2 CI files', '2 migrations']);
  expect(found[1]?.paths).toEqual(['migrations/1.sql', 'migrations/2.sql']);
});

it('says when tests go, and not when they are only rewritten', () => {
  const gone = file('test/list.js', { is: 'deleted', added: 0, removed: 40 });
  expect(words(gone)).toEqual(['deletes 1 test file']);
  expect(words(file('test/list.js', { added: 2, removed: 30 }))).toEqual(['shortens 1 test file']);
  expect(words(file('test/list.js', { added: 30, removed: 30 }))).toEqual([]);
});

it('says when code comes without a test, and not of other files', () => {
  expect(words(file('src/list.js'))).toEqual(['code without a test']);
  expect(words(file('src/list.js'), TEST)).toEqual([]);
  expect(words(file('README.md'))).toEqual([]);
  expect(words(file('src/list.js', { is: 'deleted' }))).toEqual([]);
});

it('says when it is much at once', () => {
  expect(words(file('src/list.js', { added: 1_200, removed: 40 }), TEST)).toEqual([
    'much at once (1,244 lines in 2 files)',
  ]);
  const many = Array.from({ length: 40 }, (_, at) => file(`docs/${at}.md`));
  expect(words(...many)).toEqual(['much at once (160 lines in 40 files)']);
});
