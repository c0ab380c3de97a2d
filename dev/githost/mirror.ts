import { branches, gitLines } from './git.ts';
import { type TreeEntry, readObjects, treeEntries } from './objects.ts';

/** Calls the emulated API; the path begins with `/repos/...`. */
export type ApiCall = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; json: unknown }>;

type Person = { name: string; email: string; date: string };

const PERSON = /^(?:author|committer) (?<name>.*) <(?<email>.*)> (?<seconds>\d+) [+-]\d{4}$/;

function personFrom(line: string): Person {
  const { name = '', email = '', seconds = '0' } = PERSON.exec(line)?.groups ?? {};
  const date = new Date(Number(seconds) * 1_000).toISOString().replace('.000', '');
  return { name, email, date };
}

/** A branch as a part of an address: `#` and its like would end it. */
const inAddress = (branch: string) => branch.split('/').map(encodeURIComponent).join('/');

/** A commit object's parts as the git data API takes them. */
function readCommit(text: string) {
  const end = text.indexOf('\n\n');
  const headers = text.slice(0, end).split('\n');
  const valuesOf = (name: string) =>
    headers
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => line.slice(name.length + 1));
  return {
    message: text.slice(end + 2),
    tree: valuesOf('tree')[0] ?? '',
    parents: valuesOf('parent'),
    author: personFrom(headers.find((line) => line.startsWith('author ')) ?? ''),
    committer: personFrom(headers.find((line) => line.startsWith('committer ')) ?? ''),
  };
}

/**
 * Keeps the emulated API's git data equal to a bare repository: what was pushed is there under the
 * same hashes before the push is answered.
 */
export class Mirror {
  readonly #repository: string;
  readonly #path: string;
  readonly #call: ApiCall;
  readonly #known = new Map<string, string>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(repository: string, fullName: string, call: ApiCall) {
    this.#repository = repository;
    this.#path = `/repos/${fullName}`;
    this.#call = call;
  }

  /** Brings the API up to date with the branches as they are now; one run at a time. */
  update(): Promise<void> {
    const run = this.#queue.then(() => this.#update());
    this.#queue = run.catch(() => {});
    return run;
  }

  async #update(): Promise<void> {
    const now = await branches(this.#repository);
    for (const [branch, commit] of now) {
      if (this.#known.get(branch) === commit) continue;
      await this.#copyObjects(commit);
      const ref = `heads/${inAddress(branch)}`;
      if (this.#known.has(branch)) {
        await this.#expect('PATCH', `git/refs/${ref}`, { sha: commit, force: true });
      } else {
        await this.#expect('POST', 'git/refs', { ref: `refs/heads/${branch}`, sha: commit });
      }
      this.#known.set(branch, commit);
    }
    for (const branch of [...this.#known.keys()].filter((known) => !now.has(known))) {
      await this.#call('DELETE', `${this.#path}/git/refs/heads/${inAddress(branch)}`);
      this.#known.delete(branch);
    }
  }

  async #copyObjects(commit: string): Promise<void> {
    const known = [...new Set(this.#known.values())].map((sha) => `^${sha}`);
    const listed = await gitLines(this.#repository, [
      'rev-list',
      '--objects',
      '--reverse',
      commit,
      ...known,
    ]);
    const objects = await readObjects(
      this.#repository,
      listed.map((line) => line.split(' ', 1)[0] ?? ''),
    );
    const ofType = (type: string) => objects.filter((object) => object.type === type);
    await Promise.all(ofType('blob').map(({ content }) => this.#copyBlob(content)));
    const trees = new Map(ofType('tree').map(({ id, content }) => [id, treeEntries(content)]));
    for (const id of trees.keys()) await this.#copyTree(id, trees, new Set());
    // `--reverse` lists parents before their children.
    for (const { content } of ofType('commit')) {
      await this.#expect('POST', 'git/commits', readCommit(content.toString('utf8')));
    }
  }

  async #copyBlob(content: Buffer): Promise<void> {
    await this.#expect('POST', 'git/blobs', {
      content: content.toString('base64'),
      encoding: 'base64',
    });
  }

  /** Children before parents: the API refuses a tree whose parts it does not know. */
  async #copyTree(
    id: string,
    fresh: ReadonlyMap<string, TreeEntry[]>,
    done: Set<string>,
  ): Promise<void> {
    const tree = fresh.get(id);
    if (tree === undefined || done.has(id)) return;
    done.add(id);
    for (const entry of tree) await this.#copyTree(entry.sha, fresh, done);
    await this.#expect('POST', 'git/trees', { tree });
  }

  async #expect(method: string, path: string, body: unknown): Promise<void> {
    const { status, json } = await this.#call(method, `${this.#path}/${path}`, body);
    if (status >= 300) {
      throw new Error(
        `${method} ${path} was answered ${status}: ${JSON.stringify(json).slice(0, 300)}`,
      );
    }
  }
}
