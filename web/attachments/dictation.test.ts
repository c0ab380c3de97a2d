import { beforeEach, expect, it, vi } from 'vitest';
import { startDictation } from './dictation.ts';
import type { Recogniser } from './recogniser.ts';

beforeEach(() => {
  vi.stubGlobal('navigator', { language: 'en-GB' });
  return () => vi.unstubAllGlobals();
});

/** A box, and a recogniser that hears what a test says. */
function dictate(text = '') {
  const box = { text, ends: [] as (string | null)[], aborted: 0 };
  const heard: string[] = [];
  const recogniser: Recogniser = {
    lang: '',
    continuous: false,
    interimResults: false,
    onresult: null,
    onerror: null,
    onend: null,
    start: () => {},
    stop: () => {},
    abort: () => void box.aborted++,
  };
  const dictation = startDictation({
    text: () => box.text,
    write: (written) => (box.text = written),
    onEnd: (why) => box.ends.push(why),
    recogniser,
  });
  /** The phrase with this number, as far as it is heard now. */
  const hear = (number: number, phrase: string) => {
    heard[number] = phrase;
    recogniser.onresult?.({ results: heard.map((transcript) => [{ transcript }]) });
  };
  return { box, recogniser, dictation, hear };
}

it('listens in the person’s language, on and on, and shows each word at once', () => {
  const { box, recogniser, hear } = dictate();
  expect(recogniser).toMatchObject({ lang: 'en-GB', continuous: true, interimResults: true });
  hear(0, 'add dark');
  expect(box.text).toBe('add dark');
  hear(0, 'add dark mode');
  hear(1, ' to the site');
  expect(box.text).toBe('add dark mode to the site');
});

it('writes behind what stands there, and keeps what is typed meanwhile', () => {
  const { box, hear } = dictate('Please');
  hear(0, 'fix the');
  expect(box.text).toBe('Please fix the');
  box.text = 'Please fix the list,';
  hear(0, 'fix the test');
  expect(box.text).toBe('Please fix the list,');
  hear(1, 'and the docs');
  expect(box.text).toBe('Please fix the list, and the docs');
  box.text = 'Start anew. ';
  hear(2, 'go on');
  expect(box.text).toBe('Start anew. go on');
});

it('writes nothing any more once it was stopped', () => {
  const { box, dictation, hear } = dictate();
  hear(0, 'send this');
  dictation.stop();
  box.text = '';
  hear(0, 'send this now');
  expect(box).toMatchObject({ text: '', ends: [null], aborted: 1 });
});

it.each([
  ['not-allowed', /microphone is not allowed/],
  ['audio-capture', /No microphone/],
  ['network', /needs a connection/],
  ['no-speech', /Nothing was heard/],
  ['something new', /has stopped/],
])('says in words what went wrong, once: %s', (error, words) => {
  const { box, recogniser } = dictate('kept');
  recogniser.onerror?.({ error });
  recogniser.onend?.();
  expect(box.text).toBe('kept');
  expect(box.ends).toEqual([expect.stringMatching(words)]);
});

it('an end of its own is no problem, nor is one that was asked for', () => {
  const { box, recogniser } = dictate();
  recogniser.onerror?.({ error: 'aborted' });
  recogniser.onend?.();
  expect(box.ends).toEqual([null]);
});
