import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';

/** Most that a checkpoint part may have at the gateway. */
const ARCHIVE_MAX_BYTES = 100_000_000;
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;

/** What is packed: whole paths, and whether only root may read and write them. */
export type Share = { files: readonly string[]; sudo: boolean };

/** `why` is the beginning of a sentence for the person. */
export type Packed = { is: 'packed'; archive: Buffer } | { is: 'not_packed'; why: string };

const TOO_LARGE: Packed = { is: 'not_packed', why: 'What the set-up wrote is over 100 MB' };

/** The folder goes before the files: it holds for what follows it. */
const COMMON = ['--directory=/', '--file=-', '--numeric-owner', '--warning=none'];
const CREATE = ['--create', ...COMMON, '--no-recursion', '--ignore-failed-read'];
const EXTRACT = ['--extract', ...COMMON, '--preserve-permissions', '--overwrite'];

function startTar(args: string[], sudo: boolean): ChildProcess {
  const [command = 'tar', ...all] = sudo ? ['sudo', '-n', 'tar', ...args] : ['tar', ...args];
  return spawn(command, all, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
  });
}

function streamsOf({ stdin, stdout }: ChildProcess) {
  if (stdin === null || stdout === null) throw new Error('tar has no streams.');
  // Its exit code says what is wrong.
  stdin.on('error', () => {});
  return { stdin, stdout };
}

/** The exit code; null after a signal, and negative where it could not be started. Never rejects. */
function exitOf(tar: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    // 'close' follows.
    tar.on('error', () => {});
    tar.once('close', resolve);
  });
}

async function packShare({ files, sudo }: Share): Promise<Buffer | Packed> {
  const tar = startTar([...CREATE, '--null', '--files-from=-'], sudo);
  const { stdin, stdout } = streamsOf(tar);
  const exit = exitOf(tar);
  stdin.end(files.map((file) => `${file.replace(/^\/+/, '')}\0`).join(''));
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stdout.pipe(createZstdCompress())) {
    bytes += part.byteLength;
    if (bytes > ARCHIVE_MAX_BYTES) {
      // Nobody reads on: tar ends since it cannot write. A signal of ours would not reach one of root's.
      stdout.destroy();
      await exit;
      return TOO_LARGE;
    }
    parts.push(part);
  }
  const code = await exit;
  // 1: a file changed while it was read, which the next set-up puts right.
  if (code !== 0 && code !== 1) {
    return { is: 'not_packed', why: `What the set-up wrote could not be packed (tar: ${code})` };
  }
  return Buffer.concat(parts);
}

/** Packs files into one compressed archive that tells whether it is whole. */
export async function pack(shares: readonly Share[]): Promise<Packed> {
  const parts: Buffer[] = [];
  for (const share of shares) {
    const packed = await packShare(share);
    if (!Buffer.isBuffer(packed)) return packed;
    const head = Buffer.alloc(LENGTH_BYTES + 1);
    head.writeUInt32BE(packed.byteLength);
    head.writeUInt8(share.sudo ? 1 : 0, LENGTH_BYTES);
    parts.push(head, packed);
  }
  const body = Buffer.concat(parts);
  if (body.byteLength + DIGEST_BYTES > ARCHIVE_MAX_BYTES) return TOO_LARGE;
  const digest = createHash('sha256').update(body).digest();
  return { is: 'packed', archive: Buffer.concat([digest, body]) };
}

async function unpackShare(packed: Buffer, sudo: boolean): Promise<boolean> {
  const tar = startTar([...EXTRACT, '--keep-directory-symlink'], sudo);
  const { stdin, stdout } = streamsOf(tar);
  const exit = exitOf(tar);
  const zstd = createZstdDecompress();
  // An archive that ends early makes tar fail; a signal of ours would not reach one of root's.
  zstd.on('error', () => stdin.destroy());
  zstd.pipe(stdin);
  zstd.end(packed);
  await buffer(stdout);
  const code = await exit;
  return code === 0;
}

/** Puts the files back where they were; false when the archive is not whole, or cannot be put back. */
export async function unpack(archive: Uint8Array): Promise<boolean> {
  const all = Buffer.from(archive);
  const body = all.subarray(DIGEST_BYTES);
  const digest = createHash('sha256').update(body).digest();
  if (!digest.equals(all.subarray(0, DIGEST_BYTES))) return false;
  for (let at = 0; at < body.byteLength;) {
    const from = at + LENGTH_BYTES + 1;
    const to = from + body.readUInt32BE(at);
    const sudo = body.readUInt8(at + LENGTH_BYTES) === 1;
    if (!(await unpackShare(body.subarray(from, to), sudo))) return false;
    at = to;
  }
  return true;
}
