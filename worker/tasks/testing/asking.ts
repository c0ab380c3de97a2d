import { runInDurableObject } from 'cloudflare:test';
import { expect } from 'vitest';
import type { InboxItem } from '../../../protocol/inbox.ts';
import type { RunnerEvent } from '../../../protocol/runner.ts';
import { type OpenTask, startedTask, step } from './open-task.ts';

const questions = [
  {
    question: 'Which format?',
    header: 'Format',
    options: [
      { label: 'CSV', description: 'Commas' },
      { label: 'JSON', description: 'Braces' },
    ],
    multiSelect: false,
  },
];
export const asks = (number: number, toolUseId = 'call-1'): RunnerEvent => ({
  number,
  at: number,
  body: { type: 'question', toolUseId, questions },
});
export const plans = (number: number, text: string, toolUseId: string): RunnerEvent => ({
  number,
  at: number,
  body: { type: 'plan', toolUseId, text },
});

/** The items that the task opened, as its reports have told them by now. */
export async function itemsOf(
  task: OpenTask,
  kind: 'question',
): Promise<Extract<InboxItem, { kind: 'question' }>[]>;
export async function itemsOf(
  task: OpenTask,
  kind: 'plan',
): Promise<Extract<InboxItem, { kind: 'plan' }>[]>;
export async function itemsOf(task: OpenTask, kind: InboxItem['kind']): Promise<InboxItem[]> {
  await expect
    .poll(() =>
      runInDurableObject(task.stub, (_, { storage }) =>
        storage.sql.exec('SELECT 1 FROM reports').toArray(),
      ),
    )
    .toEqual([]);
  return task.fakes.reports.flatMap(({ inbox }) =>
    inbox?.is === 'open' && inbox.item.kind === kind ? [inbox.item] : [],
  );
}

export async function asked(): Promise<OpenTask & { questionId: string }> {
  const task = await startedTask();
  await task.send(step(1), asks(2));
  const [item] = await itemsOf(task, 'question');
  return { ...task, questionId: item?.questionId ?? '' };
}
