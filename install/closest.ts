/** How many letters have to be put in, left out or changed. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The name that was most likely meant; null where none is near. */
export function closest(said: string, names: readonly string[]): string | null {
  const begun = names.find((name) => name.startsWith(said));
  if (begun !== undefined) return begun;
  const [best] = names
    .map((name) => ({ name, far: distance(said, name) }))
    .toSorted((left, right) => left.far - right.far);
  return best !== undefined && best.far <= Math.max(2, said.length / 3) ? best.name : null;
}
