import { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import {
  type ModelFailure,
  answerFailure,
  failureSentence,
  modelFailure,
  pauseBeforeTry,
} from './model-failure.ts';

const status = (code: number, headers: Record<string, string> = {}) =>
  APIError.generate(code, {}, undefined, new Headers(headers));

const inStream = (type: 'overloaded_error' | 'api_error') =>
  new APIError(undefined, { type: 'error', error: { type } }, undefined, new Headers(), type);

const TABLE: { name: string; error: unknown; failure: ModelFailure; sentence: RegExp }[] = [
  {
    name: '401',
    error: status(401),
    failure: { is: 'unauthorized' },
    sentence: /ANTHROPIC_API_KEY/,
  },
  {
    name: '403',
    error: status(403),
    failure: { is: 'unauthorized' },
    sentence: /ANTHROPIC_API_KEY/,
  },
  {
    name: '429 with retry-after',
    error: status(429, { 'retry-after': '20' }),
    failure: { is: 'limited', retryAfterMs: 20_000 },
    sentence: /rate limit.*20 s/,
  },
  {
    name: '429 without retry-after',
    error: status(429),
    failure: { is: 'limited', retryAfterMs: 1_000 },
    sentence: /rate limit.*1 s/,
  },
  {
    name: '429 with a retry-after that is no number',
    error: status(429, { 'retry-after': 'soon' }),
    failure: { is: 'limited', retryAfterMs: 1_000 },
    sentence: /rate limit/,
  },
  { name: '529', error: status(529), failure: { is: 'overloaded' }, sentence: /overloaded/ },
  {
    name: '500',
    error: status(500),
    failure: { is: 'unreachable' },
    sentence: /cannot be reached/,
  },
  {
    name: 'no connection',
    error: new APIConnectionError({ message: 'refused' }),
    failure: { is: 'unreachable' },
    sentence: /cannot be reached/,
  },
  {
    name: '400',
    error: status(400),
    failure: { is: 'refused', message: '400' },
    sentence: /refused the request \(400\)/,
  },
  {
    name: 'overloaded in the stream',
    error: inStream('overloaded_error'),
    failure: { is: 'overloaded' },
    sentence: /overloaded/,
  },
  {
    name: 'another error in the stream',
    error: inStream('api_error'),
    failure: { is: 'cut' },
    sentence: /cut off/,
  },
  {
    name: 'an event that is no JSON',
    error: new SyntaxError('Unexpected token'),
    failure: { is: 'cut' },
    sentence: /cut off/,
  },
  {
    name: 'stopped',
    error: new APIUserAbortError(),
    failure: { is: 'stopped' },
    sentence: /^Stopped/,
  },
];

describe.each(TABLE)('$name', ({ error, failure, sentence }) => {
  it('is understood as what it is', () => {
    expect(modelFailure(error, null)).toEqual(failure);
  });

  it('is said in one plain sentence or two', () => {
    expect(failureSentence(failure)).toMatch(sentence);
    expect(failureSentence(failure)).not.toMatch(/\n|Error|undefined/);
  });
});

it('an end that we made ourselves is called by our reason, whatever the SDK throws', () => {
  expect(modelFailure(new APIUserAbortError(), 'silent')).toEqual({ is: 'silent' });
  expect(modelFailure(status(500), 'stopped')).toEqual({ is: 'stopped' });
  expect(failureSentence({ is: 'silent' })).toMatch(/nothing for too long/);
});

describe('answerFailure', () => {
  it.each([
    ['end_turn', true, { is: 'empty' }],
    ['end_turn', false, null],
    ['tool_use', false, null],
    ['max_tokens', false, { is: 'too_long' }],
    ['model_context_window_exceeded', false, { is: 'too_long' }],
    ['refusal', false, { is: 'refused', message: 'refusal' }],
  ] as const)('of an answer that ended by %s, empty: %s', (stopReason, isEmpty, failure) => {
    expect(answerFailure(stopReason, isEmpty)).toEqual(failure);
  });
});

describe('pauseBeforeTry', () => {
  const AGAIN: ModelFailure[] = [
    { is: 'overloaded' },
    { is: 'unreachable' },
    { is: 'cut' },
    { is: 'limited', retryAfterMs: 2_000 },
  ];
  const NEVER: ModelFailure[] = [
    { is: 'stopped' },
    { is: 'unauthorized' },
    { is: 'silent' },
    { is: 'too_long' },
    { is: 'empty' },
    { is: 'refused', message: '400' },
    { is: 'limited', retryAfterMs: 60_000 },
  ];

  it.each(AGAIN)('tries again, three times in all, after $is', (failure) => {
    expect(pauseBeforeTry(failure, 1, false)).toBeGreaterThan(0);
    expect(pauseBeforeTry(failure, 2, false)).toBeGreaterThan(0);
    expect(pauseBeforeTry(failure, 3, false)).toBeNull();
  });

  it.each(AGAIN)('never says a thing twice after $is', (failure) => {
    expect(pauseBeforeTry(failure, 1, true)).toBeNull();
  });

  it.each(NEVER)('does not try again after $is', (failure) => {
    expect(pauseBeforeTry(failure, 1, false)).toBeNull();
  });

  it('waits as long as the model asks, and longer each time when it does not say', () => {
    expect(pauseBeforeTry({ is: 'limited', retryAfterMs: 2_000 }, 1, false)).toBe(2_000);
    const first = pauseBeforeTry({ is: 'overloaded' }, 1, false) ?? 0;
    expect(pauseBeforeTry({ is: 'overloaded' }, 2, false)).toBe(first * 2);
  });
});
