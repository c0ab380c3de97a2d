import { expect } from 'vitest';
import type { TaskSummary } from '../../protocol/task.ts';
import type { TestStack } from './stack.ts';

/** A call of the git host's API, as a person makes it there. */
export async function atHost(stack: TestStack, place: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${stack.gitHost?.apiUrl}${place}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${stack.gitHost?.token}`,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return answer.json();
}

/** The pull request's page at the git host. */
export async function pageOf(task: TaskSummary | undefined): Promise<string> {
  return (await fetch(task?.pullRequest?.url ?? '')).text();
}
