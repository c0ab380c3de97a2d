import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { filesWith } from './secret-search.ts';

const MEBIBYTE = 1_048_576;
const FORMS = ['hunter2-hunter2', 'aHVudGVyMi1odW50ZXIy'];
const LONG_MS = 60_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mainloop-search-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const place = path.join(folder, name);
  writeFileSync(place, content);
  return place;
}

it('finds a form wherever it lies in a file, across the parts in which that is read, too', async () => {
  const holding = [1, MEBIBYTE - 7, MEBIBYTE - 1, MEBIBYTE, 2 * MEBIBYTE - 3].map((at, index) =>
    file(`a${index}`, Buffer.concat([Buffer.alloc(at, 'x'), Buffer.from(`${FORMS[index % 2]}y`)])),
  );
  const not = file('not', Buffer.alloc(3 * MEBIBYTE, 'hunter2_'));
  const link = path.join(folder, 'link');
  symlinkSync('/nowhere/hunter2-hunter2', link);
  const found = await filesWith([not, ...holding, link, `${not}-gone`], FORMS, LONG_MS);
  expect(found).toEqual({ holding: [...holding, link], unread: [] });
});

it('names what it has no time for', async () => {
  const holding = file('a', FORMS[0] ?? '');
  expect(await filesWith([holding], FORMS, -1)).toEqual({ holding: [], unread: [holding] });
});
