import { expect, it } from 'vitest';
import { answersFor, choose, missing, write } from './answers.ts';

const options = ['CSV', 'JSON'].map((label) => ({ label, description: '' }));
const ONE = { question: 'Which?', header: 'Format', options, multiSelect: false };
const SEVERAL = { ...ONE, multiSelect: true };
const NONE = { chosen: [], other: '' };

it('one answer replaces the other, and the words', () => {
  const first = choose(ONE, { chosen: [], other: 'XML' }, 'CSV');
  expect(first).toEqual({ chosen: ['CSV'], other: '' });
  expect(choose(ONE, first, 'JSON')).toEqual({ chosen: ['JSON'], other: '' });
  expect(write(ONE, first, 'XML')).toEqual({ chosen: [], other: 'XML' });
  expect(write(ONE, first, ' ')).toEqual({ chosen: ['CSV'], other: ' ' });
});

it('several answers stand beside each other and the words, in the order of the options', () => {
  const both = choose(SEVERAL, choose(SEVERAL, NONE, 'JSON'), 'CSV');
  expect(both.chosen).toEqual(['CSV', 'JSON']);
  expect(choose(SEVERAL, both, 'JSON').chosen).toEqual(['CSV']);
  expect(write(SEVERAL, both, 'and XML')).toEqual({ chosen: ['CSV', 'JSON'], other: 'and XML' });
});

it('says what is open until nothing is', () => {
  const questions = [ONE, SEVERAL];
  expect(missing(answersFor(questions, []))).toMatch(/2 questions/);
  const half = answersFor(questions, [choose(ONE, NONE, 'CSV')]);
  expect(missing(half)).toMatch(/One question/);
  expect(missing(half.with(1, write(SEVERAL, NONE, 'XML')))).toBeNull();
  expect(missing(answersFor([ONE], []))).toMatch(/Choose one/);
});
