import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import type { Brief, RunnerResult } from '../protocol/runner.ts';
import type { PushShown, PushVerdict } from '../protocol/power.ts';
import type { Gateway } from './gateway.ts';
import type { Handover } from './handover.ts';
import { conflictPrompt, pulledInPrompt, unfinishedPrompt } from './instructions.ts';
import { addAllBut, changedFiles, listOfFiles } from './large-files.ts';
import type { PersonsWork } from './persons-work.ts';
import { pushShown } from './push-shown.ts';
import { complain } from './redactor.ts';
import { sign } from './signing.ts';
import type { Workspace } from './workspace.ts';

/** GitHub refuses a push with a larger file. https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github */
const HOST_FILE_MAX_BYTES = 100_000_000;
/** Turns in which the worker may resolve conflicts with what somebody else pushed. */
const CONFLICT_TURNS_MAX = 2;
/** Turns in which the worker looks at what was pulled in; what comes later is pulled in without one. */
const NEWS_TURNS_MAX = 2;
/** Turns in which the worker may take back what it may not push. */
const REFUSED_TURNS_MAX = 2;
/** Pushes that somebody else may come before. */
const PUSHES_MAX = 5;
/** Tries at one question to a host that is away or refuses. */
const HOST_TRIES = 4;
/** First pause between two of them; each is twice as long as the one before. */
const HOST_PAUSE_MS = 1_000;

/** What comes next: the end, or another turn of the worker that begins with this prompt. */
export type DeliveryStep =
  | { is: 'result'; result: RunnerResult }
  | { is: 'turn'; prompt: string }
  /** A person is asked whether it may be pushed: what they say begins the next turn. */
  | { is: 'held' };

/**
 * Brings finished work to the host: commits what was left uncommitted, takes in what somebody else
 * pushed, pushes. Where that needs the worker once more it says so, and is asked again afterwards.
 */
export class Delivery {
  readonly #workspace: Pick<Workspace, 'git' | 'branch' | 'directory' | 'root'>;
  readonly #brief: Pick<Brief, 'baseBranch' | 'author' | 'asker'>;
  readonly #step: (text: string) => void;
  readonly #hostPauseMs: number;
  readonly #fileMaxBytes: number;
  readonly #showPush: Gateway['showPush'];
  #refusedTurns = 0;
  #conflictTurns = 0;
  #newsTurns = 0;

  constructor(
    workspace: Pick<Workspace, 'git' | 'branch' | 'directory' | 'root'>,
    brief: Pick<Brief, 'baseBranch' | 'author' | 'asker'>,
    step: (text: string) => void,
    showPush: Gateway['showPush'],
    {
      hostPauseMs = HOST_PAUSE_MS,
      fileMaxBytes = HOST_FILE_MAX_BYTES,
    }: { hostPauseMs?: number; fileMaxBytes?: number } = {},
  ) {
    this.#workspace = workspace;
    this.#brief = brief;
    this.#step = step;
    this.#showPush = showPush;
    this.#hostPauseMs = hostPauseMs;
    this.#fileMaxBytes = fileMaxBytes;
  }

  async next(handover: Handover): Promise<DeliveryStep> {
    const { git, branch } = this.#workspace;
    if (branch.isUnfinished) return this.#onConflict(unfinishedPrompt());
    await this.#commitLeftovers(handover.title);
    if (!(await this.#hasChanges())) {
      const { summary } = handover;
      return { is: 'result', result: { is: 'nothing_to_deliver', summary } };
    }
    for (let pushes = 0; pushes < PUSHES_MAX; pushes++) {
      const pulled = await branch.pullIn(await this.#patiently(() => branch.fetch()));
      if (pulled.is === 'conflict') {
        return this.#onConflict(conflictPrompt(branch.name, pulled.work));
      }
      if (pulled.is === 'pulled_in' && pulled.work !== null) {
        this.#sayPulledIn(pulled.work);
        if (this.#newsTurns++ < NEWS_TURNS_MAX) {
          return { is: 'turn', prompt: pulledInPrompt(branch.name, pulled.work) };
        }
      }
      await sign(git, this.#brief, branch.name, branch.lastSeen);
      let verdict: PushVerdict = { is: 'clear' };
      const mayPush = async (commit: string, before: string | null) => {
        verdict = await this.#showPush(await this.#shown(commit, before));
        return verdict.is === 'clear';
      };
      const pushed = await this.#patiently(() => branch.push(mayPush));
      if (pushed === 'not_yet') return this.#onNotYet(verdict);
      if (pushed === 'pushed') {
        this.#step(`Pushed ${branch.name}`);
        const commit = await git.run(['rev-parse', 'HEAD']);
        return { is: 'result', result: { is: 'delivered', commit, ...handover } };
      }
    }
    const reason = `Somebody pushes to ${branch.name} all the time, so that the work never got there. Retry goes on from the last checkpoint.`;
    return failed(reason, `${PUSHES_MAX} pushes came too late.`);
  }

  /** @throws what the last try threw. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await ask();
      } catch (error) {
        if (tried >= HOST_TRIES) throw error;
        complain(error);
        await sleep(this.#hostPauseMs * 2 ** (tried - 1));
      }
    }
  }

  async #onConflict(prompt: string): Promise<DeliveryStep> {
    const { branch } = this.#workspace;
    if (this.#conflictTurns++ < CONFLICT_TURNS_MAX) {
      this.#step(`Commits on ${branch.name} conflict with the work: the worker resolves that`);
      return { is: 'turn', prompt };
    }
    await branch.giveUp();
    return failed(
      `Commits that somebody pushed to ${branch.name} conflict with the work, and the worker could not resolve that. Both are kept: say how to go on, or retry.`,
      `Unresolved after ${CONFLICT_TURNS_MAX} turns.`,
    );
  }

  async #shown(commit: string, before: string | null): Promise<PushShown> {
    const { git } = this.#workspace;
    const base = await git.run(['merge-base', commit, `origin/${this.#brief.baseBranch}`]);
    return pushShown(git, { commit, before, base });
  }

  #onNotYet(verdict: PushVerdict): DeliveryStep {
    if (verdict.is !== 'refused') return { is: 'held' };
    if (this.#refusedTurns++ < REFUSED_TURNS_MAX) return { is: 'turn', prompt: verdict.text };
    return failed(
      'The work changes files that act by themselves in a way that may not be pushed, and the worker did not take that back. It is kept: say how to go on, or retry.',
      verdict.text,
    );
  }

  async #commitLeftovers(title: string): Promise<void> {
    const { git, directory, root } = this.#workspace;
    if ((await git.run(['status', '--porcelain'])) === '') return;
    const files = await changedFiles(git, directory);
    const leftOut = files.filter((file) => file.bytes > this.#fileMaxBytes);
    await addAllBut(git, leftOut, path.join(root, 'paths'));
    if (leftOut.length > 0) this.#step(`Left out of the commit: ${listOfFiles(leftOut)}`);
    if ((await git.run(['diff', '--cached', '--name-only', 'HEAD'])) === '') return;
    await git.run(['commit', '--quiet', '--no-verify', '-m', title]);
  }

  /**
   * Whether files differ, whatever the worker says: an empty commit is no change, and neither is what
   * came in from the base. A follow-up that takes everything back is one.
   */
  async #hasChanges(): Promise<boolean> {
    const { git, branch } = this.#workspace;
    const treeOf = (commit: string) => git.run(['rev-parse', `${commit}^{tree}`]);
    const base = await git.run(['merge-base', 'HEAD', `origin/${this.#brief.baseBranch}`]);
    const tree = await treeOf('HEAD');
    if (tree !== (await treeOf(base))) return true;
    const { lastSeen } = branch;
    if (lastSeen === null) return false;
    const goesOn = await git.run(['merge-base', '--is-ancestor', lastSeen, 'HEAD']).then(
      () => true,
      () => false,
    );
    return goesOn && tree !== (await treeOf(lastSeen));
  }

  #sayPulledIn({ commits, more }: PersonsWork): void {
    const count = `${more ? 'more than ' : ''}${commits.length}`;
    const noun = count === '1' ? 'commit' : 'commits';
    this.#step(
      `Took in ${count} ${noun} that somebody else pushed to ${this.#workspace.branch.name}`,
    );
  }
}

function failed(reason: string, detail: string): DeliveryStep {
  return { is: 'result', result: { is: 'failed', reason, detail } };
}
