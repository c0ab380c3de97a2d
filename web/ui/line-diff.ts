/** A line of two texts laid beside each other. */
export type DiffLine = { is: 'same' | 'added' | 'removed'; text: string };

/** Lines around a change that are shown with it. */
const CONTEXT_LINES = 1;

/** Lengths of the longest common subsequence of the lines from (row, column) on. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  );
  for (let row = before.length - 1; row >= 0; row--) {
    const [here, below] = [lengths[row] ?? [], lengths[row + 1] ?? []];
    for (let column = after.length - 1; column >= 0; column--) {
      here[column] =
        before[row] === after[column]
          ? (below[column + 1] ?? 0) + 1
          : Math.max(below[column] ?? 0, here[column + 1] ?? 0);
    }
  }
  return lengths;
}

/** Every line of both texts, in order: kept, removed or added. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const lengths = commonLengths(old, fresh);
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < fresh.length) {
    const [gone, come] = [old[row], fresh[column]];
    if (gone !== undefined && gone === come) {
      lines.push({ is: 'same', text: gone });
      row++;
      column++;
      continue;
    }
    const keepsMore = (lengths[row + 1]?.[column] ?? -1) >= (lengths[row]?.[column + 1] ?? -1);
    if (gone !== undefined && (come === undefined || keepsMore)) {
      lines.push({ is: 'removed', text: gone });
      row++;
    } else {
      lines.push({ is: 'added', text: come ?? '' });
      column++;
    }
  }
  return lines;
}

/** The changed lines with a little of what stands around them; null stands for what is left out. */
export function changedLines(lines: readonly DiffLine[]): (DiffLine | null)[] {
  const isNear = (place: number) =>
    lines
      .slice(Math.max(0, place - CONTEXT_LINES), place + CONTEXT_LINES + 1)
      .some(({ is }) => is !== 'same');
  const shown: (DiffLine | null)[] = [];
  for (const [place, line] of lines.entries()) {
    if (isNear(place)) shown.push(line);
    else if (shown.at(-1) !== null) shown.push(null);
  }
  return shown;
}
