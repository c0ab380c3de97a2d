import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** What is larger is not read: a secret lies in a configuration, not in a disk image. */
const FILE_MAX_BYTES = 200_000_000;
/** Files that are read at a time. */
const AT_ONCE = 8;

async function holds(file: string, forms: readonly Buffer[], longest: number): Promise<boolean> {
  const found = await lstat(file).catch(() => null);
  if (found === null || !found.isFile() || found.size > FILE_MAX_BYTES) return false;
  let before = Buffer.alloc(0);
  try {
    for await (const part of createReadStream(file)) {
      const text = Buffer.concat([before, part]);
      if (forms.some((form) => text.includes(form))) return true;
      before = text.subarray(Math.max(0, text.byteLength - longest + 1));
    }
  } catch {
    // It cannot be read here, or went meanwhile.
  }
  return false;
}

/**
 * Which of the files hold one of these forms of secrets (see `secretForms`). What is compressed or
 * encrypted is not seen through.
 */
export async function filesWith(
  files: readonly string[],
  forms: readonly string[],
): Promise<string[]> {
  const bytes = forms.map((form) => Buffer.from(form));
  const longest = Math.max(0, ...bytes.map(({ byteLength }) => byteLength));
  if (longest === 0) return [];
  const found: string[] = [];
  const waiting = [...files];
  const read = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (forms.some((form) => file?.includes(form)) || (await holds(file, bytes, longest))) {
        found.push(file);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
  return found.toSorted();
}
