import type { Brief, RunnerResult } from '../protocol/runner.ts';
import type { Handover } from './handover.ts';
import type { Workspace } from './workspace.ts';

/** Commits what was left uncommitted, pushes the task's branch, and says what to open the pull request with. */
export async function deliver(
  { git, base }: Workspace,
  brief: Brief,
  handover: Handover,
  step: (text: string) => void,
): Promise<RunnerResult> {
  if ((await git.run(['status', '--porcelain'])) !== '') {
    await git.run(['add', '--all']);
    await git.run(['commit', '--quiet', '--no-verify', '-m', handover.title]);
  }
  const commit = await git.run(['rev-parse', 'HEAD']);
  if (commit === base) return { is: 'nothing_to_deliver', summary: handover.summary };
  await git.run(['push', '--quiet', 'origin', `+${commit}:refs/heads/${brief.branch}`]);
  step(`Pushed ${brief.branch}`);
  return { is: 'delivered', commit, ...handover };
}
