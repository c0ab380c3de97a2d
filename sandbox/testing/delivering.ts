import { Delivery, type DeliveryStep } from '../delivery.ts';
import type { Gateway } from '../gateway.ts';
import type { Git } from '../git.ts';
import { BRANCH, BRIEF, type Repositories } from './repositories.ts';
import type { Signing } from '../signing.ts';
import { type Workspace, beginWork } from '../workspace.ts';

export const HANDOVER = { summary: 'Did it.', title: 'Do it', body: 'Because.' };

export type Sandbox = ReturnType<Repositories['sandbox']>;
type Begun = { sandbox: Sandbox; workspace: Workspace; delivery: Delivery; steps: string[] };

/** A sandbox that has cloned. `git` may put something in between. */
export async function begin(
  repositories: Repositories,
  name: string,
  git?: (git: Git) => Git,
  showPush: Gateway['showPush'] = async () => ({ is: 'clear' }),
  signing: Signing = BRIEF,
): Promise<Begun> {
  const sandbox = repositories.sandbox(name);
  const runner = git?.(sandbox.runner) ?? sandbox.runner;
  const workspace = await beginWork(runner, sandbox.root, sandbox.directory, BRIEF, null);
  const steps: string[] = [];
  const options = { hostPauseMs: 1, fileMaxBytes: 50_000 };
  const step = (text: string) => steps.push(text);
  const delivery = new Delivery(workspace, { ...BRIEF, ...signing }, step, showPush, options);
  return { sandbox, workspace, delivery, steps };
}

/** The task's branch as the person has it now. */
export function personOnBranch(repositories: Repositories) {
  const { person } = repositories;
  person.git('fetch', '--quiet', 'origin');
  if (repositories.subjects() === null)
    person.git('checkout', '--quiet', '-B', BRANCH, 'origin/main');
  else person.git('checkout', '--quiet', '-B', BRANCH, `origin/${BRANCH}`);
  return person;
}

export function personPushes(
  repositories: Repositories,
  subject: string,
  files: Record<string, string>,
): string {
  const person = personOnBranch(repositories);
  const commit = person.commit(subject, files);
  person.git('push', '--quiet', 'origin', BRANCH);
  return commit;
}

export function resultOf(step: DeliveryStep) {
  if (step.is !== 'result') throw new Error(`No result: ${JSON.stringify(step)}`);
  return step.result;
}
export function promptOf(step: DeliveryStep) {
  if (step.is !== 'turn') throw new Error(`No turn: ${JSON.stringify(step)}`);
  return step.prompt;
}

/** Delivers one commit, as a task's first stretch of work. */
export async function delivered(
  repositories: Repositories,
  name = 'first',
  files: Record<string, string> = { 'task.txt': 'x\n' },
) {
  const begun = await begin(repositories, name);
  begun.sandbox.commit('Ours', files);
  resultOf(await begun.delivery.next(HANDOVER));
  return begun;
}
