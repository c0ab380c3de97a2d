import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32, createGzip } from 'node:zlib';
import {
  type BackupCounts,
  type BackupHeader,
  BackupRecord,
  type BackupTable,
} from '../../protocol/backup.ts';

type Record = BackupRecord extends infer One ? (One extends { is: 'end' } ? never : One) : never;

/**
 * Writes an export, record by record, holding none of them. Each line is a JSON array: the CRC-32 of
 * all records up to this one, and the record. The file has its name only once it is whole.
 */
export class BackupWriter {
  readonly #file: string;
  readonly #gzip = createGzip();
  readonly #sha256 = createHash('sha256');
  readonly #written: Promise<void>;
  readonly #counts: Partial<{ [table in BackupTable]: number }> = {};
  #checkpoints = 0;
  #attachments = 0;
  #crc = 0;

  constructor(file: string) {
    this.#file = file;
    // It holds all that a person said.
    const out = createWriteStream(this.#partial, { mode: 0o600 });
    this.#written = pipeline(this.#gzip, out);
    // Whoever waits for the end hears of it there.
    this.#written.catch(() => {});
  }

  get #partial(): string {
    return `${this.#file}.part`;
  }

  async begin(header: BackupHeader): Promise<void> {
    await this.#write(JSON.stringify(header));
  }

  async add(record: Record): Promise<void> {
    if (record.is === 'row') {
      this.#counts[record.table] = (this.#counts[record.table] ?? 0) + 1;
    }
    if (record.is === 'checkpoint') this.#checkpoints++;
    if (record.is === 'attachment') this.#attachments++;
    await this.#write(JSON.stringify(record));
  }

  /** @returns what the file holds. */
  async end(): Promise<{ counts: BackupCounts; checkpoints: number; attachments: number }> {
    const held = {
      counts: this.#counts,
      checkpoints: this.#checkpoints,
      attachments: this.#attachments,
    };
    const sha256 = this.#sha256.copy().digest('hex');
    await this.#write(JSON.stringify({ is: 'end', ...held, sha256 } satisfies BackupRecord));
    this.#gzip.end();
    await this.#written;
    await rename(this.#partial, this.#file);
    return held;
  }

  /** Leaves nothing behind. */
  async drop(): Promise<void> {
    this.#gzip.destroy();
    await this.#written.catch(() => {});
    await rm(this.#partial, { force: true });
  }

  async #write(text: string): Promise<void> {
    this.#crc = crc32(text, this.#crc);
    this.#sha256.update(`${text}\n`);
    const line = `["${this.#crc.toString(16).padStart(8, '0')}",${text}]\n`;
    // A disk that is full ends the stream, and `drain` would never come.
    if (!this.#gzip.write(line)) await Promise.race([once(this.#gzip, 'drain'), this.#written]);
  }
}
