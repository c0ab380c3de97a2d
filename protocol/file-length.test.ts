import { expect, it } from 'vitest';
import { PARTS, sourceFiles } from './testing/source-files.ts';

const LINES_MAX = 300;

it('no file is longer than 300 lines, so that each is about one thing', () => {
  const files = PARTS.flatMap(sourceFiles);
  expect(files.length).toBeGreaterThan(400);
  const long = files.filter(({ text }) => text.trimEnd().split('\n').length > LINES_MAX);
  expect(long.map(({ file }) => file)).toEqual([]);
});
