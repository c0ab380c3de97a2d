import type { Gateway } from './gateway.ts';
import { type ChangedFile, listOfFiles } from './large-files.ts';
import { complain } from './redactor.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Workspace } from './workspace.ts';

const EVERY_MS = 30_000;
/** How long the worker may look at another commit before that is where its work is. */
const ELSEWHERE_MAX_MS = 10 * 60_000;

/** Keeps the work in progress outside the sandbox: at each commit, and regularly while files change. */
export class Checkpoints {
  readonly #workspace: Workspace;
  readonly #gateway: Pick<Gateway, 'keep'>;
  readonly #say: (text: string) => void;
  readonly #said = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #head: string;
  #last: string | null = null;
  #taking: Promise<void> | null = null;
  #elsewhereSince: number | null = null;
  #saidTooLarge = false;

  constructor(workspace: Workspace, gateway: Pick<Gateway, 'keep'>, say: (text: string) => void) {
    this.#workspace = workspace;
    this.#gateway = gateway;
    this.#say = say;
    this.#head = workspace.head;
  }

  /** Takes them regularly from now on, until stopped. Commits that are here already are not new. */
  async start(): Promise<void> {
    this.#head = await this.#workspace.git.run(['rev-parse', 'HEAD']);
    this.#timer ??= setInterval(() => void this.take(), EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Commits made since this was last asked, oldest first; a new one is also worth a checkpoint. */
  async newCommits(): Promise<{ commit: string; title: string }[]> {
    const { git } = this.#workspace;
    const head = await git.run(['rev-parse', 'HEAD']);
    if (head === this.#head) return [];
    const list = await git
      .run(['log', '--reverse', '--format=%H %s', `${this.#head}..${head}`])
      .catch(() => '');
    this.#head = head;
    void this.take();
    return list
      .split('\n')
      .filter(Boolean)
      .map((line) => ({
        commit: line.slice(0, line.indexOf(' ')),
        title: line.slice(line.indexOf(' ') + 1),
      }));
  }

  /**
   * Resolves when the work as it is now is kept; a failure is said and tried again next time.
   *
   * @param anywhere true at a turn's end: where HEAD is then is where the work is.
   */
  async take(anywhere = false): Promise<void> {
    while (this.#taking !== null) await this.#taking;
    this.#taking = this.#takeOne(anywhere).finally(() => {
      this.#taking = null;
    });
    await this.#taking;
  }

  async #takeOne(anywhere: boolean): Promise<void> {
    const { branch, ...workspace } = this.#workspace;
    const { name, lastSeen } = branch;
    const isTired = Date.now() - (this.#elsewhereSince ?? Date.now()) > ELSEWHERE_MAX_MS;
    try {
      const snapshot = await takeSnapshot({ ...workspace, branch: name, lastSeen }, this.#last, {
        anywhere: anywhere || isTired,
      });
      if (snapshot.is === 'elsewhere') {
        this.#elsewhereSince ??= Date.now();
        return;
      }
      this.#elsewhereSince = null;
      this.#sayLeftOut(snapshot.leftOut);
      if (snapshot.is === 'unchanged') return;
      if (snapshot.is === 'too_large') {
        if (!this.#saidTooLarge) this.#say('The work is too large for a checkpoint (over 100 MB)');
        this.#saidTooLarge = true;
        return;
      }
      await this.#gateway.keep('bundle', snapshot.bundle, { 'x-mainloop-commit': snapshot.commit });
      this.#last = snapshot.commit;
    } catch (error) {
      complain(error, 'checkpoint failed');
    }
  }

  /** Each file once, not with every checkpoint that it is not in. */
  #sayLeftOut(files: readonly ChangedFile[]): void {
    const fresh = files.filter((file) => !this.#said.has(file.path));
    for (const file of fresh) this.#said.add(file.path);
    if (fresh.length > 0) this.#say(`Left out of the checkpoint: ${listOfFiles(fresh)}`);
  }
}
