import type { Gateway } from './gateway.ts';
import { type Workspace, takeSnapshot } from './workspace.ts';

const EVERY_MS = 30_000;

/** Keeps the work in progress outside the sandbox: at each commit, and regularly while files change. */
export class Checkpoints {
  readonly #workspace: Workspace;
  readonly #gateway: Pick<Gateway, 'keep'>;
  readonly #say: (text: string) => void;
  readonly #timer: NodeJS.Timeout;
  #head: string;
  #last: string | null = null;
  #taking: Promise<void> | null = null;
  #saidTooLarge = false;

  constructor(workspace: Workspace, gateway: Pick<Gateway, 'keep'>, say: (text: string) => void) {
    this.#workspace = workspace;
    this.#gateway = gateway;
    this.#say = say;
    this.#head = workspace.head;
    this.#timer = setInterval(() => void this.take(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Commits made since the last look, oldest first; a new one is also worth a checkpoint. */
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

  /** Resolves when the work as it is now is kept; a failure is said and tried again next time. */
  async take(): Promise<void> {
    while (this.#taking !== null) await this.#taking;
    this.#taking = this.#takeOne().finally(() => {
      this.#taking = null;
    });
    await this.#taking;
  }

  async #takeOne(): Promise<void> {
    try {
      const snapshot = await takeSnapshot(this.#workspace, this.#last);
      if (snapshot === 'unchanged') return;
      if (snapshot === 'too_large') {
        if (!this.#saidTooLarge) this.#say('The work is too large for a checkpoint (over 100 MB)');
        this.#saidTooLarge = true;
        return;
      }
      await this.#gateway.keep('bundle', snapshot.bundle, { 'x-mainloop-commit': snapshot.commit });
      this.#last = snapshot.commit;
    } catch (error) {
      console.error('checkpoint failed', error);
    }
  }
}
