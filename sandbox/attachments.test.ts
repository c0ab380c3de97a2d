import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attachment } from '../protocol/attachment.ts';
import { ATTACHED, AttachedFiles } from './attachments.ts';
import { Input } from './input.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'mainloop-attached-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const NOTES: Attachment = { id: ID, name: 'notes.txt', type: 'text/plain', bytes: 5 };
const SHOT: Attachment = { ...NOTES, name: 'shot.png', type: 'image/png' };

function filesOf(answer: (id: string) => Uint8Array | null) {
  const asked: string[] = [];
  const files = new AttachedFiles(root, {
    fetchAttachment: async (id) => {
      asked.push(id);
      return answer(id);
    },
  });
  return { files, asked };
}
const bytes = new TextEncoder().encode('hello');

/** What is said of each file. */
const toldIn = (text: string): unknown[] => {
  const [, lines = ''] = text.split(`${ATTACHED}\n`);
  return lines.split('\n').map((line) => JSON.parse(line));
};

it('a file lies beside the repository, as it was attached, and the words say where', async () => {
  const { files, asked } = filesOf(() => bytes);
  const { text, images } = await files.with('Add it', [NOTES]);
  expect(text.startsWith('Add it\n\n')).toBe(true);
  const file = path.join(root, 'attachments', ID, 'notes.txt');
  expect(toldIn(text)).toEqual([{ name: 'notes.txt', type: 'text/plain', bytes: 5, path: file }]);
  expect(readFileSync(file, 'utf8')).toBe('hello');
  expect(images).toEqual([]);
  await files.with('Once more', [NOTES]);
  expect(asked).toEqual([ID]);
});

it('an image goes with the words as one, and is a file, too', async () => {
  const { files } = filesOf(() => bytes);
  const { text, images } = await files.with('', [SHOT]);
  expect(images).toEqual([{ type: 'image/png', data: Buffer.from('hello').toString('base64') }]);
  expect(toldIn(text)).toMatchObject([{ name: 'shot.png' }]);
});

it('more images than a request takes are files only', async () => {
  const { files } = filesOf(() => bytes);
  const image = (at: number) => ({ ...SHOT, id: `${ID.slice(0, -2)}${at}` });
  const many = Array.from({ length: 12 }, (_, at) => image(at + 10));
  const { text, images } = await files.with('', many);
  expect(images).toHaveLength(10);
  expect(toldIn(text)).toHaveLength(12);
  const large = [50, 51, 52].map((at) => ({ ...image(at), bytes: 3_500_000 }));
  expect((await files.with('', large)).images).toHaveLength(2);
});

it.each([
  ['../../../etc/passwd', 'etc-passwd'],
  ['-rf', 'rf'],
  ['a b;$(reboot)\n.txt', 'a-b-reboot-.txt'],
  ['..', 'file'],
  ['Übersicht 1.md', 'Übersicht-1.md'],
])('a name leads nowhere else and is no command: %j', async (name, plain) => {
  const { files } = filesOf(() => bytes);
  const { text } = await files.with('', [{ ...NOTES, name }]);
  expect(toldIn(text)).toMatchObject([{ name, path: path.join(root, 'attachments', ID, plain) }]);
});

it('one that cannot be had is said, and asked for again when it is needed', async () => {
  let isAway = true;
  const { files, asked } = filesOf(() => {
    if (isAway) throw new Error('The gateway is away.');
    return bytes;
  });
  expect(toldIn((await files.with('', [NOTES])).text)).toMatchObject([
    { name: 'notes.txt', missing: expect.any(String) },
  ]);
  isAway = false;
  expect(toldIn((await files.with('', [NOTES])).text)).toMatchObject([
    { path: expect.any(String) },
  ]);
  expect(asked).toHaveLength(2);
});

describe('what is said to Claude Code', () => {
  it('is words alone where nothing is attached, and images before the words where there are some', async () => {
    const { files } = filesOf(() => bytes);
    const input = new Input(files);
    input.say({ text: 'Hello', onTaken: () => {} });
    input.say({ text: 'Look', attachments: [SHOT], onTaken: () => {} });
    const said = input[Symbol.asyncIterator]();
    expect((await said.next()).value?.message.content).toBe('Hello');
    const data = Buffer.from('hello').toString('base64');
    expect((await said.next()).value?.message.content).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
      { type: 'text', text: expect.stringMatching(/^Look\n\n/) },
    ]);
  });

  it('is not taken while its files are fetched: closed meanwhile, it waits for the next sandbox', async () => {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    const files = new AttachedFiles(root, { fetchAttachment: () => promise });
    const input = new Input(files);
    let taken = 0;
    input.say({ text: 'Look', attachments: [NOTES], onTaken: () => void taken++ });
    const said = input[Symbol.asyncIterator]().next();
    expect(input.pending).toBe(true);
    input.close();
    resolve(bytes);
    expect((await said).done).toBe(true);
    expect(taken).toBe(0);
  });
});
