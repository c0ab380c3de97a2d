import type { ViewedMark } from '../../../protocol/changes.ts';

/** Of paths and hashes together: some thousand files, and far below what a value may have. */
const VIEWED_MAX_CHARS = 100_000;

/** Each file has one mark; the oldest go where there are too many. */
export function withMark(
  viewed: readonly ViewedMark[],
  mark: ViewedMark,
  isViewed: boolean,
): ViewedMark[] {
  const others = viewed.filter(({ path }) => path !== mark.path);
  let chars = 0;
  return (isViewed ? [mark, ...others] : others).filter(({ path, hash }) => {
    chars += path.length + hash.length;
    return chars <= VIEWED_MAX_CHARS;
  });
}
