import { afterEach, beforeEach, expect, it } from 'vitest';
import { HANDOVER, begin, personPushes, promptOf, resultOf } from './testing/delivering.ts';
import { BRANCH, type Repositories, makeRepositories } from './testing/repositories.ts';

const APP = { name: 'helper[bot]', email: '99+helper[bot]@users.noreply.github.test' };
const ADA = { name: 'ada', email: '7+ada@users.noreply.github.test' };
const BOTH = { author: APP, asker: ADA };
const TRAILER = `Co-authored-by: ${ADA.name} <${ADA.email}>`;

let repositories: Repositories;
beforeEach(() => {
  repositories = makeRepositories();
});
afterEach(() => repositories.remove());

const clear = async () => ({ is: 'clear' }) as const;
const signed = (name: string, signing = BOTH) =>
  begin(repositories, name, undefined, clear, signing);
/** Author, committer and trailers of each commit at the host, the newest first. */
function atHost(): string[] {
  const { person } = repositories;
  person.git('fetch', '--quiet', 'origin');
  const format = '%s|%an <%ae>|%cn|%(trailers:only,separator=%x2c)';
  return person.git('log', `--format=${format}`, `origin/${BRANCH}`).split('\n');
}
/** The commit that was pushed. */
function pushed(step: Parameters<typeof resultOf>[0]): string {
  const result = resultOf(step);
  return result.is === 'delivered' ? result.commit : JSON.stringify(result);
}
const line = (subject: string) => `${subject}|${APP.name} <${APP.email}>|Mainloop|${TRAILER}`;

it('the task’s commits are the App’s, with the asker credited, whatever made them', async () => {
  const { sandbox, delivery } = await signed('first');
  sandbox.commit('Ours', { 'task.txt': 'x\n' });
  sandbox.commit(`Said already\n\n${TRAILER}`, { 'task.txt': 'y\n' });
  sandbox.write('more.txt', 'z\n');
  const tree = () => sandbox.git('rev-parse', 'HEAD^{tree}');
  const commit = pushed(await delivery.next(HANDOVER));
  expect(commit).toBe(sandbox.git('rev-parse', 'HEAD'));
  expect(atHost().slice(0, 3)).toEqual(['Do it', 'Said already', 'Ours'].map(line));
  expect(atHost()[3]).toMatch(/^Begin\|Ana /);
  expect(sandbox.git('status', '--porcelain')).toBe('');
  expect(tree()).toBe(repositories.person.git('rev-parse', `origin/${BRANCH}^{tree}`));
});

it('done again it changes nothing that is there', async () => {
  const { sandbox, delivery } = await signed('first');
  sandbox.commit('Ours', { 'task.txt': 'x\n' });
  const first = pushed(await delivery.next(HANDOVER));
  sandbox.commit('More', { 'task.txt': 'y\n' });
  const second = pushed(await delivery.next(HANDOVER));
  expect(sandbox.git('rev-parse', 'HEAD~1')).toBe(first);
  expect(second).toBe(sandbox.git('rev-parse', 'HEAD'));
  expect(atHost().slice(0, 2)).toEqual(['More', 'Ours'].map(line));
});

it('a person’s commits and a worker’s merges of them stay what they are', async () => {
  const { sandbox, delivery } = await signed('first');
  sandbox.commit('Ours', { 'task.txt': 'x\n' });
  const theirs = personPushes(repositories, 'Theirs', { 'person.txt': 'p\n' });
  promptOf(await delivery.next(HANDOVER));
  sandbox.git('checkout', '--quiet', '-b', 'side');
  sandbox.commit('Beside', { 'side.txt': 's\n' });
  sandbox.git('checkout', '--quiet', BRANCH);
  sandbox.commit('Before', { 'task.txt': 'y\n' });
  sandbox.git('merge', '--quiet', '--no-edit', '-m', 'Both', 'side');
  resultOf(await delivery.next(HANDOVER));
  expect(sandbox.git('merge-base', theirs, 'HEAD')).toBe(theirs);
  const all = atHost();
  expect(all.find((one) => one.startsWith('Theirs'))).toMatch(/^Theirs\|Ana [^|]*\|Ana\|$/);
  expect(all).toEqual(expect.arrayContaining(['Both', 'Beside', 'Before', 'Ours'].map(line)));
});

it('where there is nobody to name, nothing is written anew', async () => {
  const { sandbox, delivery } = await begin(repositories, 'first');
  const commit = sandbox.commit('Ours', { 'task.txt': 'x\n' });
  expect(pushed(await delivery.next(HANDOVER))).toBe(commit);
});
