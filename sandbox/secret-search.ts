import { constants, createReadStream } from 'node:fs';
import { access, lstat, readlink } from 'node:fs/promises';
import * as z from 'zod/mini';

/** Files that are read at a time, and how much of each. */
const AT_ONCE = 8;
const PART_BYTES = 1_048_576;

/** `unread` are those that could not be looked into, or not in time. */
export const Searched = z.object({ holding: z.array(z.string()), unread: z.array(z.string()) });
export type Searched = z.infer<typeof Searched>;

class LateError extends Error {}

type Wanted = { forms: readonly Buffer[]; longest: number; deadline: number };

const isGone = (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** A file part by part, each with the end of the one before: a form may lie across both. */
async function fileHolds(file: string, { forms, longest, deadline }: Wanted): Promise<boolean> {
  let before = Buffer.alloc(0);
  for await (const part of createReadStream(file, { highWaterMark: PART_BYTES })) {
    if (Date.now() > deadline) throw new LateError();
    const text = Buffer.concat([before, part]);
    if (forms.some((form) => text.includes(form))) return true;
    before = text.subarray(Math.max(0, text.byteLength - longest + 1));
  }
  return false;
}

/** @throws where it cannot be told. Devices, sockets and pipes hold nothing. */
async function holds(place: string, wanted: Wanted): Promise<boolean> {
  if (Date.now() > wanted.deadline) throw new LateError();
  const name = Buffer.from(place);
  if (wanted.forms.some((form) => name.includes(form))) return true;
  const found = await lstat(place);
  if (found.isSymbolicLink()) {
    const to = Buffer.from(await readlink(place));
    return wanted.forms.some((form) => to.includes(form));
  }
  // What is in a folder is listed by itself, unless nobody may look.
  if (found.isDirectory()) await access(place, constants.R_OK | constants.X_OK);
  return found.isFile() && fileHolds(place, wanted);
}

/**
 * Which of the files hold one of these forms of secrets (see `secretForms`), in their content, their
 * name, or where a link leads. What is compressed or encrypted is not seen through.
 *
 * @param withinMs the time that it may take: a file may have any size.
 */
export async function filesWith(
  files: readonly string[],
  forms: readonly string[],
  withinMs: number,
): Promise<Searched> {
  const bytes = forms.map((form) => Buffer.from(form));
  const longest = Math.max(0, ...bytes.map(({ byteLength }) => byteLength));
  if (longest === 0) return { holding: [], unread: [] };
  const wanted = { forms: bytes, longest, deadline: Date.now() + withinMs };
  const holding: string[] = [];
  const unread: string[] = [];
  const waiting = [...files];
  const read = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      try {
        if (await holds(file, wanted)) holding.push(file);
      } catch (error) {
        if (!isGone(error)) unread.push(file);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
  return { holding: holding.toSorted(), unread: unread.toSorted() };
}
