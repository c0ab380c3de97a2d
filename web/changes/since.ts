import type { Changes, FileChange } from '../../protocol/changes.ts';
import { lineDiff } from '../ui/line-diff.ts';
import { type Hunk, type PatchLine, readPatch } from './patch.ts';

/** Unchanged lines that are shown around a change, as `git diff` does. */
const CONTEXT = 3;
/** Lines of the one text times lines of the other: beyond that all of both is shown rather than the page held up. */
const COMPARED_MAX = 4_000_000;

/** A hunk in the lines of the base: from this one on, up to the one before `to`. */
type Piece = { from: number; to: number; hunk: Hunk };

/** Lines that hang together in one of the two versions or in both. */
type Region = { from: number; to: number; before: Piece[]; now: Piece[] };

const baseLines = ({ lines }: Hunk) => lines.filter(({ is }) => is !== 'added');

function piecesOf(hunks: readonly Hunk[]): Piece[] {
  return hunks.map((hunk) => {
    // In a file that is new there is no line before the first.
    const from = Math.max(1, hunk.before);
    return { from, to: from + baseLines(hunk).length, hunk };
  });
}

/** Puts together what overlaps or touches: within it every line of the base is known from one of the two. */
function regionsOf(before: readonly Piece[], now: readonly Piece[]): Region[] {
  const all = [
    ...before.map((piece) => ({ piece, side: 'before' as const })),
    ...now.map((piece) => ({ piece, side: 'now' as const })),
  ].toSorted((one, other) => one.piece.from - other.piece.from);
  const regions: Region[] = [];
  for (const { piece, side } of all) {
    let region = regions.at(-1);
    if (region === undefined || piece.from > region.to) {
      region = { from: piece.from, to: piece.to, before: [], now: [] };
      regions.push(region);
    }
    region.to = Math.max(region.to, piece.to);
    region[side].push(piece);
  }
  return regions;
}

/** The region's text in the base, as far as these say. */
function baseOf({ before, now }: Region): Map<number, string> {
  const base = new Map<number, string>();
  for (const piece of [...before, ...now]) {
    for (const [at, line] of baseLines(piece.hunk).entries()) base.set(piece.from + at, line.text);
  }
  return base;
}

/** The region's text as one of the two versions has it. */
function textOf(region: Region, pieces: readonly Piece[], base: Map<number, string>): string[] {
  const text: string[] = [];
  let at = region.from;
  for (const { from, to, hunk } of pieces) {
    for (; at < from; at++) text.push(base.get(at) ?? '');
    for (const line of hunk.lines) if (line.is !== 'removed') text.push(line.text);
    at = to;
  }
  for (; at < region.to; at++) text.push(base.get(at) ?? '');
  return text;
}

/** The lines of both, in order; what both begin and end with is not compared twice. */
function compared(before: readonly string[], now: readonly string[]) {
  let head = 0;
  const shorter = Math.min(before.length, now.length);
  while (head < shorter && before[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const [gone, come] = [
    before.slice(head, before.length - tail),
    now.slice(head, now.length - tail),
  ];
  const as = (is: PatchLine['is']) => (text: string) => ({ is, text });
  const between =
    gone.length === 0 || come.length === 0 || gone.length * come.length > COMPARED_MAX
      ? [...gone.map(as('removed')), ...come.map(as('added'))]
      : lineDiff(gone.join('\n'), come.join('\n'));
  return [
    ...before.slice(0, head).map(as('same')),
    ...between,
    ...now.slice(now.length - tail).map(as('same')),
  ];
}

/** The lines near a change, in hunks of their own; nothing where nothing changed. */
function cutHunks(lines: readonly PatchLine[], within: string): Hunk[] {
  const near = new Set<number>();
  for (const [at, { is }] of lines.entries()) {
    if (is === 'same') continue;
    for (let place = at - CONTEXT; place <= at + CONTEXT; place++) near.add(place);
  }
  const hunks: Hunk[] = [];
  for (const [at, line] of lines.entries()) {
    if (!near.has(at)) continue;
    if (!near.has(at - 1) || hunks.length === 0) {
      hunks.push({ within, before: line.before ?? line.after ?? 1, lines: [] });
    }
    hunks.at(-1)?.lines.push(line);
  }
  return hunks;
}

const growth = (pieces: readonly Piece[]) =>
  pieces.reduce(
    (sum, { from, to, hunk }) =>
      sum + hunk.lines.filter(({ is }) => is !== 'removed').length - (to - from),
    0,
  );

/**
 * How a file differs between two versions of a work that are told as patches on the same base. What is
 * between their hunks is the base in both; within, one or the other says what stood there.
 */
export function hunksBetween(before: readonly Hunk[], now: readonly Hunk[]): Hunk[] {
  const hunks: Hunk[] = [];
  let [beforeBy, nowBy] = [0, 0];
  for (const region of regionsOf(piecesOf(before), piecesOf(now))) {
    const base = baseOf(region);
    let [old, fresh] = [region.from + beforeBy, region.from + nowBy];
    const lines = compared(
      textOf(region, region.before, base),
      textOf(region, region.now, base),
    ).map(({ is, text }): PatchLine => ({
      is,
      text,
      before: is === 'added' ? null : old++,
      after: is === 'removed' ? null : fresh++,
      ends: true,
    }));
    const within = (region.now[0] ?? region.before[0])?.hunk.within ?? '';
    hunks.push(...cutHunks(lines, within));
    beforeBy += growth(region.before);
    nowBy += growth(region.now);
  }
  return hunks;
}

/** A file that changed since it was seen. `hunks` is null where that cannot be told from what is kept. */
export type SinceSeen = { file: FileChange; isPutBack: boolean; hunks: Hunk[] | null };

const hunksOf = (file: FileChange | undefined): Hunk[] | null => {
  if (file === undefined) return [];
  return file.lines.is === 'shown' ? readPatch(file.lines.patch) : null;
};

/** What is another than when these changes were seen, file by file. */
export function sinceSeen(seen: Changes, now: Changes): SinceSeen[] {
  const before = new Map(seen.files.map((file) => [file.path, file]));
  const isSameBase = seen.base === now.base;
  const between = (old: FileChange | undefined, fresh: FileChange | undefined) => {
    const [one, other] = [hunksOf(old), hunksOf(fresh)];
    // On another base the lines have other numbers, and the same patch is another text.
    const canTell = isSameBase && one !== null && other !== null;
    return canTell ? hunksBetween(one, other) : null;
  };
  const changed = now.files
    .filter((file) => before.get(file.path)?.hash !== file.hash)
    .map((file) => ({
      file,
      isPutBack: false,
      hunks: between(before.get(file.path), file),
    }));
  const stays = new Set(now.files.map(({ path }) => path));
  const putBack = seen.files
    .filter(({ path }) => !stays.has(path))
    .map((file) => ({ file, isPutBack: true, hunks: between(file, undefined) }));
  return [...changed, ...putBack];
}
