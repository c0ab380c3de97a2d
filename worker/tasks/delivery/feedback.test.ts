import { expect, it } from 'vitest';
import {
  type Feedback,
  feedbackPrompt,
  feedbackWords,
  forWorker,
  hasMark,
  marked,
  mayInstruct,
} from './feedback.ts';

const said = (changed: Partial<Feedback> = {}): Feedback => ({
  id: 'comment:1',
  kind: 'comment',
  commentId: 1,
  author: 'ana',
  isBot: false,
  mayInstruct: true,
  body: 'Use tabs.',
  path: null,
  line: null,
  at: 1,
  ...changed,
});

it('is for the worker once, oldest first', () => {
  const [late, early] = [said({ id: 'b', at: 2 }), said({ id: 'a', at: 1 })];
  expect(forWorker([late, early], new Set()).map(({ id }) => id)).toEqual(['a', 'b']);
  expect(forWorker([late, early], new Set(['a'])).map(({ id }) => id)).toEqual(['b']);
});

it.each([
  ['a stranger', { mayInstruct: false }],
  ['a bot', { isBot: true }],
  ['nobody, in an empty review', { body: ' \n' }],
  ['ourselves', { body: marked('Done.', 'reply:1') }],
])('is not for the worker when it is by %s', (_, changed) => {
  expect(forWorker([said(changed)], new Set())).toEqual([]);
});

it('trusts those who may write to the repository', () => {
  const associations = ['OWNER', 'MEMBER', 'COLLABORATOR', 'CONTRIBUTOR', 'NONE', null];
  expect(associations.map(mayInstruct)).toEqual([true, true, true, false, false, false]);
});

it('says who said what about which line', () => {
  const words = feedbackWords([
    said({ kind: 'inline', path: 'src/a.js', line: 3, body: 'Rename this\nplease' }),
  ]);
  const prompt = feedbackPrompt(7, words);
  expect(prompt).toContain('pull request #7');
  expect(prompt).toContain('Review comment by @ana on src/a.js, line 3:\n> Rename this\n> please');
});

it('a mark is found again by its whole key', () => {
  expect(hasMark(marked('Done.', 'reply:1'), 'reply:1')).toBe(true);
  expect(hasMark(marked('Done.', 'reply:12'), 'reply:1')).toBe(false);
});
