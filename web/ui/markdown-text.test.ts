import { expect, it } from 'vitest';
import { completeMarkdown, headingLevels, safeHref } from './markdown-text.ts';

it.each([
  ['a **bold', 'a **bold**'],
  ['a **bold** end', 'a **bold** end'],
  ['a **', 'a '],
  ['run `npm te', 'run `npm te`'],
  ['see [the page', 'see the page'],
  ['see [the page](https://exa', 'see the page'],
  ['first **x**\n\nthen **y', 'first **x**\n\nthen **y**'],
  ['```\nconst a = `x', '```\nconst a = `x'],
])('completes %j', (text, completed) => {
  expect(completeMarkdown(text)).toBe(completed);
});

it.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '/relative', 'not a link'])(
  'leads nowhere for %s',
  (href) => {
    expect(safeHref(href)).toBeNull();
  },
);

it('leads to web pages and mail addresses', () => {
  expect(safeHref('https://example.com/a')).toBe('https://example.com/a');
  expect(safeHref('mailto:a@example.com')).toBe('mailto:a@example.com');
});

it.each([
  [[1, 2, 2, 3, 1], 2, [3, 4, 4, 5, 3]],
  // Begins with the second, as many do.
  [[2, 3, 2], 2, [3, 4, 3]],
  [[3, 1, 4], 1, [2, 2, 3]],
  [[1, 2, 3, 4, 5], 3, [4, 5, 6, 6, 6]],
  [[], 2, []],
])('headings %j below level %i are %j', (depths, under, levels) => {
  expect(headingLevels(depths, under)).toEqual(levels);
});
