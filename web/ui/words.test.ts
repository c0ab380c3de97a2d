import { describe, expect, it } from 'vitest';
import { holdsAll, piecesOf, wordsOf } from './words.ts';

/** The text with what is found in brackets. */
const marked = (text: string, query: string) =>
  piecesOf(text, wordsOf(query))
    .map((piece) => (piece.isFound ? `[${piece.text}]` : piece.text))
    .join('');

it('a search is read as people type it', () => {
  expect(wordsOf('json "list command" -csv FLAG, ')).toEqual(['json', 'list command', 'flag']);
  expect(wordsOf('"not closed')).toEqual(['not closed']);
  expect(wordsOf(' - "" ')).toEqual([]);
});

describe('what was looked for is marked', () => {
  it.each([
    ['Add a --json flag to JSON', 'json', 'Add a --[json] flag to [JSON]'],
    ['findUserById', 'byid', 'findUser[ById]'],
    ['the list command', '"list command"', 'the [list command]'],
    ['Die Übung, Cafe\u0301!', 'ubung café', 'Die [Übung], [Cafe\u0301]!'],
    ['İstanbul is far', 'is', '[İs]tanbul [is] far'],
    ['abcabc', 'abc bca', '[abcabc]'],
    ['😀 smile', 'smile', '😀 [smile]'],
    ['nothing', 'else', 'nothing'],
    ['', 'else', ''],
    ['<b>bold</b>', 'b', '<[b]>[b]old</[b]>'],
  ])('%s / %s', (text, query, expected) => {
    expect(marked(text, query)).toBe(expected);
  });
});

it('all of the words have to be there, in any order and spelling', () => {
  expect(holdsAll('Grüße from acme/todo', wordsOf('TODO grusse'))).toBe(false);
  expect(holdsAll('Grüße from acme/todo', wordsOf('TODO gruße'))).toBe(true);
});
