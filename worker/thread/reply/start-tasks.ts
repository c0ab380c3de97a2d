import { BranchName } from '../../../protocol/ids.ts';
import { sentenceOf } from '../../github/failures.ts';
import type { GitHubPort } from '../../github/port.ts';
import type { ThreadAttachments } from '../attachments.ts';
import type { NewTask } from '../scheduling/scheduler.ts';
import { contextFor, repositorySettings, workerModelOf } from '../settings.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import { branchName } from './branch-name.ts';
import type { OwnCall } from './tools.ts';

type Input = Extract<OwnCall, { name: 'start_task' }>['input'];

/** A task as it shall be started, or why it cannot be, in words. */
export type Prepared = { is: 'task'; task: NewTask } | { is: 'refused'; text: string };

const refused = (text: string): Prepared => ({ is: 'refused', text });

/** What is asked of the git host before a task begins. */
export type Places = Pick<GitHubPort, 'repository' | 'branchHead'>;

/** Asks for each repository and branch once, however many tasks of the same answer name it. */
export function askedOnce(github: Places): Places {
  const repositories = new Map<string, ReturnType<Places['repository']>>();
  const heads = new Map<string, ReturnType<Places['branchHead']>>();
  return {
    repository: (name) => {
      const asked = repositories.get(name) ?? github.repository(name);
      repositories.set(name, asked);
      return asked;
    },
    branchHead: (repository, branch) => {
      // Neither name may hold a space.
      const place = `${repository} ${branch}`;
      const asked = heads.get(place) ?? github.branchHead(repository, branch);
      heads.set(place, asked);
      return asked;
    },
  };
}

/** Looks at the repository and the branch that are named, and fills in what the person has set. */
export async function prepareTask(
  { store, attachments }: { store: ThreadStore; attachments: Pick<ThreadAttachments, 'named'> },
  github: Places,
  taskId: string,
  input: Input,
): Promise<Prepared> {
  const { personId } = store;
  if (personId === null) return refused('Nobody is signed in.');
  const repository = await github.repository(input.repository);
  if (repository.is === 'failed') return refused(sentenceOf(repository.failure, input.repository));
  const { name, defaultBranch } = repository.value;
  if (input.base_branch === undefined && !BranchName.safeParse(defaultBranch).success) {
    return refused(
      `The default branch of ${name} is called ${JSON.stringify(defaultBranch)}, which Mainloop does not work with: branches here have letters, digits and . _ / - # + @ = , only. Name another branch to begin at.`,
    );
  }
  if (input.base_branch !== undefined) {
    const head = await github.branchHead(name, input.base_branch);
    if (head.is === 'failed') return refused(sentenceOf(head.failure, input.repository));
    if (head.value === null)
      return refused(`${input.repository} has no branch ${input.base_branch}.`);
  }
  const after = input.after ?? null;
  if (after !== null && store.task(after) === null) {
    return refused('There is no such task to wait for.');
  }
  const attached = attachments.named(input.attachments ?? []);
  if (typeof attached === 'string') return refused(attached);
  const { settings } = store;
  const known = repositorySettings(settings, name);
  return {
    is: 'task',
    task: {
      ahead: input.priority === 'high',
      after,
      spec: {
        personId,
        taskId,
        title: input.title,
        prompt: input.prompt,
        repository: name,
        baseBranch: input.base_branch ?? defaultBranch,
        branch: branchName(input.title, taskId),
        model: input.model ?? workerModelOf(settings, name),
        mode: input.mode ?? (known.mode === 'plan' ? 'plan' : 'direct'),
        budget: settings.limits.taskBudget,
        waitsForPlan: settings.limits.waitsForPlan,
        context: contextFor(settings, name),
        withIssue: known.withIssue,
        ...(attached.length > 0 && { attachments: attached }),
      },
    },
  };
}
