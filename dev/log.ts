/** Writes one line of a part into the stack's one stream. */
export type PartLog = (line: string) => void;

const COLOURS = [36, 33, 35, 32, 34, 31];

/** A log that puts the parts' names in front, in columns; colours on a terminal only. */
export function createLog(
  write: (text: string) => void,
  colour: boolean,
): (part: string) => PartLog {
  const seen = new Map<string, number>();
  return (part) => {
    if (!seen.has(part)) seen.set(part, COLOURS[seen.size % COLOURS.length] ?? 36);
    const name = part.padEnd(8);
    const head = colour ? `\u001B[${seen.get(part)}m${name}\u001B[0m` : name;
    return (text) => {
      for (const line of text.split('\n')) if (line.trim() !== '') write(`${head} ${line}\n`);
    };
  };
}
