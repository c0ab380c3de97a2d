import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { crc32, createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import * as z from 'zod/mini';
import { BackupHeader, BackupRecord, EXPORT_FORMAT } from '../../protocol/backup.ts';

/** Longer than any row, or part of a checkpoint, in whatever escapes. */
const LINE_MAX_CHARS = 16_000_000;
/** `["` and eight digits, `",` and the record, `]`. */
const LINE = /^\["(?<crc>[0-9a-f]{8})",(?<text>\{.*\})\]$/s;

/** A file that is no export, or not a whole one, in words. */
export class Damaged extends Error {}

/** A header as any format has it, as far as is to be known of a newer one. */
const AnyHeader = z.object({
  is: z.literal('header'),
  of: z.literal('mainloop'),
  format: z.int(),
  version: z.string(),
});

/** The lines of a gzip file, holding one at a time. @throws Damaged where it cannot be read. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const unzipped = pipeline(createReadStream(file), createGunzip(), () => {});
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let number = 1;
  try {
    for await (const part of unzipped) {
      const pieces = (rest + decoder.decode(part, { stream: true })).split('\n');
      rest = pieces.pop() ?? '';
      for (const line of pieces) {
        yield line;
        number++;
      }
      if (rest.length > LINE_MAX_CHARS) throw new Error('it is longer than any line of an export');
    }
  } catch (error) {
    if (error instanceof Damaged) throw error;
    const why = error instanceof Error ? error.message : String(error);
    // Only the file system's errors name a call.
    if (error instanceof Error && 'syscall' in error) {
      throw new Damaged(`${file} cannot be read: ${why}. Nothing was changed.`);
    }
    if (why === 'incorrect header check') {
      throw new Damaged(`${file} is no export of Mainloop: it is no gzip file.`);
    }
    throw new Damaged(`The file is damaged at line ${number}: ${why}. Nothing was changed.`);
  }
  if (rest !== '') throw new Damaged(`The file ends in the middle of line ${number}.`);
}

/**
 * The records of an export after its header, each checked against the sum that stands before it, and
 * the whole against its hash. Two readings of one file give the same.
 *
 * @param onHeader called before the first record; a file of a newer format is refused before.
 * @throws Damaged, which names the line.
 */
export async function* readBackup(
  file: string,
  onHeader: (header: BackupHeader) => void = () => {},
): AsyncGenerator<BackupRecord> {
  const sha256 = createHash('sha256');
  let crc = 0;
  let number = 0;
  let isEnded = false;
  for await (const line of linesOf(file)) {
    number++;
    const damaged = (why: string) => new Damaged(`The file is damaged at line ${number}: ${why}`);
    const { crc: sum = '', text = '' } = LINE.exec(line)?.groups ?? {};
    const given = text === '' ? undefined : parsed(text);
    if (given === undefined) {
      throw number === 1
        ? new Damaged('This is no export of Mainloop: its first line is none of one.')
        : damaged('that is no line of an export.');
    }
    if (isEnded) throw damaged('something follows its end.');
    if (number === 1) refuseNewer(given);
    crc = crc32(text, crc);
    if (crc.toString(16).padStart(8, '0') !== sum) {
      throw damaged('it is not as it was written, or a line before it is missing.');
    }
    if (number === 1) {
      const header = BackupHeader.safeParse(given);
      if (!header.success) throw damaged('its header is incomplete.');
      onHeader(header.data);
    } else {
      const record = BackupRecord.safeParse(given);
      if (!record.success) throw damaged('that is no record that this version knows.');
      isEnded = record.data.is === 'end';
      if (record.data.is === 'end' && record.data.sha256 !== sha256.copy().digest('hex')) {
        throw damaged('the whole is not as it was written.');
      }
      yield record.data;
    }
    sha256.update(`${text}\n`);
  }
  if (!isEnded)
    throw new Damaged(
      `The file ends after line ${number}, before its end: the export was cut short.`,
    );
}

function refuseNewer(given: unknown): void {
  const header = AnyHeader.safeParse(given);
  if (!header.success) {
    throw new Damaged('This is no export of Mainloop: its first line is none of one.');
  }
  const { format, version } = header.data;
  if (format > EXPORT_FORMAT) {
    throw new Damaged(
      `This file is of a newer format (${format}; this version reads ${EXPORT_FORMAT}). Mainloop ${version} wrote it: update this one first.`,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
