/** One file that a task has changed, as far as the rules look at it. */
export type TouchedFile = {
  path: string;
  is: 'added' | 'changed' | 'deleted' | 'renamed';
  added: number;
  removed: number;
};

/** Something in a change that deserves a closer look: what it is, why that matters, in which files. */
export type Touch = { words: string; why: string; paths: string[] };

/** Lines and files from which nobody reads a change as a whole. */
const LARGE_LINES = 500;
const LARGE_FILES = 30;
/** Lines that a test may lose without being named. */
const TEST_LINES_LOST = 5;

const TEST = /(?:^|[/._-])(?:tests?|specs?|__tests__|e2e)(?:[/._-]|$)|_test\.\w+$/i;
const CODE =
  /\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|c|cc|cpp|h|hpp|cs|php|ex|exs|scala|sh|sql|vue|svelte)$/i;

/** What is told of files by their paths alone. */
const BY_PATH: { one: string; many: (count: number) => string; why: string; path: RegExp }[] = [
  {
    one: 'CI workflow',
    many: (count) => `${count} CI files`,
    why: 'It changes what is run on each push, with the repository’s secrets, and what a passed check means.',
    path: /^\.github\/(?:workflows|actions)\/|^\.gitlab-ci\.yml$|^\.circleci\/|^azure-pipelines\.yml$|(?:^|\/)Jenkinsfile$/,
  },
  {
    one: '1 migration',
    many: (count) => `${count} migrations`,
    why: 'It changes data that is there already: undoing the commit does not undo that.',
    path: /(?:^|\/)(?:migrations?|migrate)\/[^/]/i,
  },
  {
    one: 'dependencies',
    many: () => 'dependencies',
    why: 'Other code comes in with it, or in other versions.',
    path: /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|Gemfile\.lock|composer\.lock|go\.sum)$/,
  },
  {
    one: 'deployment',
    many: () => 'deployment',
    why: 'It changes how and where the product runs.',
    path: /(?:^|\/)(?:Dockerfile[^/]*|docker-compose[^/]*\.ya?ml|wrangler\.(?:toml|jsonc?)|fly\.toml|vercel\.json|netlify\.toml|Procfile)$|\.tf$|(?:^|\/)(?:k8s|kubernetes|helm|terraform)\//i,
  },
  {
    one: 'sign-in or permissions',
    many: () => 'sign-in or permissions',
    why: 'By its name it decides who may do what.',
    path: /(?:^|[/._-])(?:auth|authn|authz|oauth|login|signin|sign-in|passwords?|permissions?|acl|sessions?|crypto)(?:[/._-]|$)/i,
  },
  {
    one: 'the sandboxes’ set-up',
    many: () => 'the sandboxes’ set-up',
    why: 'It is run in the sandbox of each task to come, with the secrets that are kept for it.',
    path: /^\.mainloop\//,
  },
];

const plural = (count: number, one: string, many: string) =>
  count === 1 ? `1 ${one}` : `${count.toLocaleString('en')} ${many}`;

function testsLost(files: readonly TouchedFile[]): Touch[] {
  const tests = files.filter(({ path }) => TEST.test(path));
  const deleted = tests.filter(({ is }) => is === 'deleted');
  const shorter = tests.filter(
    ({ is, added, removed }) => is !== 'deleted' && removed - added > TEST_LINES_LOST,
  );
  return [
    ...(deleted.length === 0
      ? []
      : [
          {
            words: `deletes ${plural(deleted.length, 'test file', 'test files')}`,
            why: 'What it tested is not tested any more, unless another test does it.',
            paths: deleted.map(({ path }) => path),
          },
        ]),
    ...(shorter.length === 0
      ? []
      : [
          {
            words: `shortens ${plural(shorter.length, 'test file', 'test files')}`,
            why: 'More test lines go than come.',
            paths: shorter.map(({ path }) => path),
          },
        ]),
  ];
}

function untested(files: readonly TouchedFile[]): Touch[] {
  const code = files.filter(
    ({ path, is }) => CODE.test(path) && !TEST.test(path) && is !== 'deleted',
  );
  if (code.length === 0 || files.some(({ path }) => TEST.test(path))) return [];
  return [
    {
      words: 'code without a test',
      why: 'Code has changed, and no file that looks like a test has.',
      paths: code.map(({ path }) => path),
    },
  ];
}

function size(files: readonly TouchedFile[]): Touch[] {
  const lines = files.reduce((sum, { added, removed }) => sum + added + removed, 0);
  if (lines < LARGE_LINES && files.length < LARGE_FILES) return [];
  return [
    {
      words: `much at once (${plural(lines, 'line', 'lines')} in ${plural(files.length, 'file', 'files')})`,
      why: 'In so much, mistakes are easily missed.',
      paths: [],
    },
  ];
}

/** What in these files deserves a closer look, by rules that each say why. No rule is a judgement of the code. */
export function touches(files: readonly TouchedFile[]): Touch[] {
  const byPath = BY_PATH.flatMap(({ one, many, why, path: wanted }) => {
    const paths = files.filter(({ path }) => wanted.test(path)).map(({ path }) => path);
    if (paths.length === 0) return [];
    return [{ words: paths.length === 1 ? one : many(paths.length), why, paths }];
  });
  return [...byPath, ...testsLost(files), ...untested(files), ...size(files)];
}
