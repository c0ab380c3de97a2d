import { expect, it } from 'vitest';
import { buildPrompt } from '../../worker/thread/reply/prompt.ts';
import { personMessage } from '../../worker/thread/testing/facts.ts';
import { DEFAULT_SETTINGS } from '../../protocol/settings.ts';
import { imageSize } from './image-size.ts';
import { requestOf } from './testing/claude-code.ts';
import { threadReply } from './thread/intents.ts';
import { readCall } from './wire.ts';

/** One pixel, as several programs write it. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
const WEBP = 'UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA';

it.each([
  ['PNG', PNG],
  ['GIF', GIF],
  ['WebP', WEBP],
])('reads how large a %s is', (kind, base64) => {
  expect(imageSize(base64)).toEqual({ kind, width: 1, height: 1 });
});

it('reads how large a JPEG is, past what stands before its frame', () => {
  const jpeg = Buffer.from(
    'ffd8ffe000104a46494600010100000100010000ffdb00040000ffc0001108001e0028030122000211010311',
    'hex',
  );
  expect(imageSize(jpeg.toString('base64'))).toEqual({ kind: 'JPEG', width: 40, height: 30 });
  expect(imageSize(Buffer.from('not an image at all, but a text').toString('base64'))).toBeNull();
});

const NOTES = { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', name: 'notes.txt', bytes: 9 };
const FILES = [
  { ...NOTES, type: 'text/plain' as const },
  { ...NOTES, id: '01ARZ3NDEKTSV4RRFFQ69G5FAW', name: 'shot.png', type: 'image/png' as const },
];

/** What it answers to words with files, in a prompt that the product builds. */
function answer(words: string, files = FILES) {
  const message = { ...personMessage(1, words), attachments: files };
  const prompt = buildPrompt({
    repositories: [],
    openTasks: [],
    openItems: [],
    settings: DEFAULT_SETTINGS,
    queue: [],
    summary: null,
    attached: new Map([
      [FILES[0]?.id ?? '', 'one\ntwo'],
      [FILES[1]?.id ?? '', PNG],
    ]),
    messages: [message],
    answering: [message.id],
    update: null,
    maxTokens: 60_000,
    toolTokens: 0,
  });
  const body = { model: 'm', system: prompt.system, messages: prompt.messages };
  expect(readCall(JSON.stringify(body))).not.toBeNull();
  return threadReply(requestOf(prompt.messages, prompt.system));
}

it('says what came, and how large an image is', () => {
  expect(answer('').text).toBe(
    'I have **notes.txt** (2 lines of text), **shot.png** (PNG, 1 × 1 pixels). Say what shall be done with it.',
  );
});

it('hands on what came with a request for work', () => {
  const { text, calls } = answer('Add this file to the repository', FILES.slice(0, 1));
  expect(text).toContain('**notes.txt** (2 lines of text)');
  expect(calls).toMatchObject([{ name: 'start_task', input: { attachments: [NOTES.id] } }]);
});
