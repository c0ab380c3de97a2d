import { existsSync } from 'node:fs';
import path from 'node:path';
import { PUSH_EVIDENCE_HEADER } from '../protocol/push-evidence.ts';
import type { Git } from './git.ts';
import { type PersonsWork, lacksPersonsWork, personsWork } from './persons-work.ts';
import { pushEvidence } from './push-evidence.ts';
import { isRebasing } from './snapshot.ts';

/** What became of commits at the host that were not here. */
export type PulledIn =
  /** There was none. */
  | { is: 'nothing' }
  /** They are under the task's commits now. */
  | { is: 'pulled_in'; work: PersonsWork | null }
  /** The working tree stands in the middle of it, for somebody to resolve. */
  | { is: 'conflict'; work: PersonsWork | null };

/**
 * The one branch that the task may push, here and at the host. What somebody else committed to it is
 * never pushed over: it is pulled in, and a push goes through only when the branch at the host still
 * is what was last seen of it.
 */
export class TaskBranch {
  readonly name: string;
  readonly #git: Git;
  readonly #directory: string;
  #lastSeen: string | null;

  /** @param lastSeen the branch's tip at the host when the work that is here was last brought together with it. */
  constructor(git: Git, directory: string, name: string, lastSeen: string | null) {
    this.name = name;
    this.#git = git;
    this.#directory = directory;
    this.#lastSeen = lastSeen;
  }

  /** Null when the branch was not there. */
  get lastSeen(): string | null {
    return this.#lastSeen;
  }

  /** Asks the host for the branch's tip, and gets its commits; null when there is no such branch. */
  async fetch(): Promise<string | null> {
    const tip = await this.#tipAtHost();
    if (tip === null) return null;
    const tracking = `refs/remotes/origin/${this.name}`;
    await this.#git.run([
      'fetch',
      '--quiet',
      '--no-tags',
      'origin',
      `+refs/heads/${this.name}:${tracking}`,
    ]);
    // It may have moved between the two questions: what was fetched counts.
    return this.#git.run(['rev-parse', tracking]);
  }

  /**
   * Brings the task's work together with the tip that was fetched. The working tree must be clean.
   *
   * A rebase, so that the person's commits stay as they are and the task's come on top; they are what
   * follows the newest commit that both have, or that was last seen: where somebody rewrote the
   * branch, their version of the older commits wins. Only where the task's commits hold merges and
   * nothing was rewritten it is a merge, since a rebase would lose how those merges were resolved.
   */
  async pullIn(tip: string | null): Promise<PulledIn> {
    if (tip === null || (await this.#isAncestor(tip, 'HEAD'))) {
      this.#lastSeen = tip;
      return { is: 'nothing' };
    }
    // The branch stands where it stood: the worker itself has rewritten it, or begun it anew.
    if (tip === this.#lastSeen && !(await lacksPersonsWork(this.#git, 'HEAD', tip))) {
      return { is: 'nothing' };
    }
    const work = await personsWork(this.#git, 'HEAD', tip);
    const from = await this.#ownWorkFrom(tip);
    const merges =
      from === null ? '' : await this.#git.run(['rev-list', '--merges', `${from}..HEAD`]);
    const rewritten = from === null || !(await this.#isAncestor(from, tip));
    // `--autostash`: a file that is too large to be committed may lie about, changed.
    const how =
      merges !== '' && !rewritten
        ? ['merge', '--quiet', '--autostash', '--no-edit', tip]
        : [
            'rebase',
            '--quiet',
            '--autostash',
            '--rebase-merges',
            '--empty=drop',
            '--onto',
            tip,
            from ?? tip,
          ];
    try {
      await this.#git.run(how);
    } catch (error) {
      if (!this.isUnfinished) throw error;
      return { is: 'conflict', work };
    }
    this.#lastSeen = tip;
    return { is: 'pulled_in', work };
  }

  /** True while a rebase or a merge waits to be finished. */
  get isUnfinished(): boolean {
    return isRebasing(this.#directory) || this.#isMerging;
  }

  /** Gives up what is unfinished: the branch is as it was before. */
  async giveUp(): Promise<void> {
    if (isRebasing(this.#directory)) await this.#git.run(['rebase', '--abort']);
    if (this.#isMerging) await this.#git.run(['merge', '--abort']);
  }

  /**
   * Pushes HEAD if the branch at the host still is what was last seen of it; `moved` when it is not.
   * The gateway wants to see that no commit of a person's is dropped. Where that cannot be shown,
   * since the worker has them under other names or there is too much to show, HEAD becomes a merge
   * of the same files that has the branch's tip for a parent.
   *
   * @param mayPush is asked about the commit that shall be the tip, and the one that is.
   * @throws when the host refuses for another reason or is away.
   */
  async push(
    mayPush: (commit: string, before: string | null) => Promise<boolean>,
  ): Promise<'pushed' | 'moved' | 'not_yet'> {
    const header = await this.#evidence();
    const commit = await this.#git.run(['rev-parse', 'HEAD']);
    if (!(await mayPush(commit, this.#lastSeen))) return 'not_yet';
    const ref = `refs/heads/${this.name}`;
    try {
      // An empty lease says that the branch must not be there.
      const lease = `--force-with-lease=${ref}:${this.#lastSeen ?? ''}`;
      await this.#git.run(['push', '--quiet', lease, 'origin', `${commit}:${ref}`], {}, header);
    } catch (error) {
      // The answer may have been lost, and git's words for a lost race are many: the host knows.
      const now = await this.#tipAtHost();
      if (now !== commit && now === this.#lastSeen) throw error;
      if (now !== commit) return 'moved';
    }
    this.#lastSeen = commit;
    return 'pushed';
  }

  /** The header that a push of HEAD brings; none where the branch is not there yet. */
  async #evidence(): Promise<string | undefined> {
    const seen = this.#lastSeen;
    if (seen === null) return undefined;
    let evidence = await pushEvidence(this.#git, seen, 'HEAD');
    if (evidence === null) {
      const message = `Go on from what is on ${this.name}`;
      const parents = ['-p', 'HEAD', '-p', seen];
      const tree = ['commit-tree', 'HEAD^{tree}', ...parents, '-m', message];
      await this.#git.run(['reset', '--quiet', '--soft', await this.#git.run(tree)]);
      evidence = await pushEvidence(this.#git, seen, 'HEAD');
    }
    return `${PUSH_EVIDENCE_HEADER}: ${evidence ?? ''}`;
  }

  get #isMerging(): boolean {
    return existsSync(path.join(this.#directory, '.git', 'MERGE_HEAD'));
  }

  /** The commit after which HEAD holds the task's own work only; null when that cannot be told. */
  async #ownWorkFrom(tip: string): Promise<string | null> {
    const seen = this.#lastSeen;
    const common = await this.#git.run(['merge-base', 'HEAD', tip]).catch(() => null);
    if (seen === null) return common;
    // The worker has rewritten what was there.
    if (!(await this.#isAncestor(seen, 'HEAD'))) return null;
    // A push of an earlier sandbox may be there, which never heard that it came through.
    return common !== null && (await this.#isAncestor(seen, common)) ? common : seen;
  }

  async #tipAtHost(): Promise<string | null> {
    const ref = `refs/heads/${this.name}`;
    const lines = (await this.#git.run(['ls-remote', '--refs', 'origin', ref])).split('\n');
    // What is asked for is a pattern: other names may end the same way.
    return lines.find((line) => line.endsWith(`\t${ref}`))?.split('\t')[0] ?? null;
  }

  #isAncestor(one: string, of: string): Promise<boolean> {
    return this.#git.run(['merge-base', '--is-ancestor', one, of]).then(
      () => true,
      () => false,
    );
  }
}
