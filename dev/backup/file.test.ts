import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { BackupHeader, BackupRecord, BackupRow } from '../../protocol/backup.ts';
import { readBackup } from './file-reader.ts';
import { BackupWriter } from './file-writer.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEADER: BackupHeader = {
  is: 'header',
  of: 'mainloop',
  format: 2,
  id: '01JZZZZZZZZZZZZZZZZZZZ0001',
  at: 1,
  version: '0.1.0',
  counts: { messages: 2 },
};
const row = (text: string): BackupRow => ({
  is: 'row',
  table: 'messages',
  epoch: 1,
  revision: 1,
  row: { text },
});
const RECORDS = [
  row('Grüße 😀\n“quoted”'),
  row('x'.repeat(1_000_000)),
  { is: 'checkpoint', key: 'a/1/bundle/b', size: 3 },
  { is: 'part', data: 'YWJj' },
] as const;

async function written(name: string): Promise<string> {
  const file = path.join(folder, name);
  const writer = new BackupWriter(file);
  await writer.begin(HEADER);
  for (const record of RECORDS) await writer.add(record);
  await writer.end();
  return file;
}

async function read(file: string): Promise<BackupRecord[]> {
  const records: BackupRecord[] = [];
  for await (const record of readBackup(file)) records.push(record);
  return records;
}

/** The file with its lines changed. */
async function changed(name: string, change: (lines: string[]) => string[]): Promise<string> {
  const file = await written(name);
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  writeFileSync(file, gzipSync(`${change(lines).join('\n')}\n`));
  return file;
}

it('what was written is read again, and its end says how much it was', async () => {
  const file = await written('whole');
  let header: BackupHeader | null = null;
  for await (const _ of readBackup(file, (one) => (header = one))) break;
  expect(header).toEqual(HEADER);
  const records = await read(file);
  const end = records.pop();
  expect(records).toEqual(RECORDS);
  expect(end).toMatchObject({ is: 'end', counts: { messages: 2 }, checkpoints: 1 });
});

it('one that is given up leaves nothing behind', async () => {
  const writer = new BackupWriter(path.join(folder, 'given-up'));
  await writer.begin(HEADER);
  await writer.drop();
  expect(readdirSync(folder).filter((name) => name.startsWith('given-up'))).toEqual([]);
});

describe('a damaged file is refused, with its line', () => {
  it.each([
    [
      'a letter that is another',
      (lines: string[]) => lines.with(1, (lines[1] ?? '').replace('Gr', 'gr')),
      /line 2/,
    ],
    ['a line that is gone', (lines: string[]) => lines.toSpliced(2, 1), /line 3/],
    [
      'two lines that changed places',
      (lines: string[]) => [lines[0] ?? '', lines[2] ?? '', lines[1] ?? '', ...lines.slice(3)],
      /line 2/,
    ],
    ['no JSON', (lines: string[]) => lines.with(3, 'what'), /line 4/],
    ['no end', (lines: string[]) => lines.slice(0, -1), /after line 5, before its end/],
    ['more after its end', (lines: string[]) => [...lines, lines[1] ?? ''], /line 7/],
  ])('%s', async (name, change, said) => {
    await expect(read(await changed(name.replaceAll(' ', '-'), change))).rejects.toThrow(said);
  });

  it('one that was cut off', async () => {
    const file = await written('cut');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - 20));
    await expect(read(file)).rejects.toThrow(/damaged at line \d/);
  });

  it('one that is none', async () => {
    const file = path.join(folder, 'other');
    writeFileSync(file, gzipSync('{"hello":1}\n'));
    await expect(read(file)).rejects.toThrow(/no export of Mainloop/);
    writeFileSync(file, 'plain text');
    await expect(read(file)).rejects.toThrow(/is no export of Mainloop: it is no gzip file/);
  });
});

it('a file of a newer format is refused before anything of it is read', async () => {
  const newer = await changed('newer', (lines) =>
    lines.with(0, (lines[0] ?? '').replace('"format":2', '"format":3')),
  );
  await expect(read(newer)).rejects.toThrow(/newer format \(3; this version reads 2\).*update/);
});

it('a file that is not there is said to be that, and not damaged', async () => {
  const nowhere = path.join(folder, 'nowhere.gz');
  await expect(read(nowhere)).rejects.toThrow(/nowhere\.gz cannot be read: ENOENT/);
  await expect(read(folder)).rejects.toThrow(/cannot be read: EISDIR/);
});
