import { expect, it } from 'vitest';
import { type Draft, draftText, withDraft } from './drafts.ts';

const draft = (itemId: string, words = 'Use tabs'): Draft => ({
  itemId,
  answers: [],
  words,
  sentAs: null,
});

it('keeps one draft an item, the newest first', () => {
  const kept = withDraft([draft('a'), draft('b')], draft('b', 'Use spaces'));
  expect(kept.map(({ itemId, words }) => [itemId, words])).toEqual([
    ['b', 'Use spaces'],
    ['a', 'Use tabs'],
  ]);
});

it('forgets one that says nothing any more', () => {
  expect(withDraft([draft('a')], draft('a', '  '))).toEqual([]);
  const unchosen = { ...draft('a', ''), answers: [{ chosen: [], other: ' ' }] };
  expect(withDraft([draft('a')], unchosen)).toEqual([]);
});

it('keeps no more than fifty', () => {
  const many = Array.from({ length: 60 }, (_, at) => draft(String(at)));
  const kept = withDraft(many, draft('new'));
  expect([kept.length, kept[0]?.itemId]).toEqual([50, 'new']);
});

it('says what was chosen and written, each answer with its question', () => {
  const answers = [
    { chosen: ['CSV'], other: 'with a header' },
    { chosen: [], other: '' },
    { chosen: ['number', 'text'], other: '' },
  ];
  expect(draftText({ ...draft('a', ''), answers }, ['Which format?', 'Where?', 'Which?'])).toBe(
    'Which format? CSV, with a header\nWhich? number, text',
  );
  expect(draftText(draft('a', ' Use tabs '), [])).toBe('Use tabs');
});
