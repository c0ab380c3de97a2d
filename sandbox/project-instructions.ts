import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';

const MAX_CHARS = 40_000;
/** As many bytes as that many characters can have. */
const MAX_BYTES = 4 * MAX_CHARS;
const FILES = ['CLAUDE.md', 'AGENTS.md'];

/** The beginning of a regular file; null where it is none. */
function textOf(file: string): string | null {
  // What is no file at all, a pipe for one, is not waited for.
  const opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(opened).isFile()) return null;
    const bytes = Buffer.alloc(MAX_BYTES);
    return bytes.subarray(0, readSync(opened, bytes, 0, MAX_BYTES, 0)).toString();
  } finally {
    closeSync(opened);
  }
}

/**
 * The project's own instructions, as text; nothing else of its configuration is read. A link may lead
 * to another file of the repository (`CLAUDE.md` to `AGENTS.md`) and nowhere else: what stands around
 * the repository, the runner's own environment for one, would go to the model.
 */
export function projectInstructions(directory: string): string {
  const root = realpathSync(directory);
  const known = new Set<string>();
  return FILES.map((name) => {
    try {
      const file = realpathSync(path.join(root, name));
      const [first] = path.relative(root, file).split(path.sep);
      if (first === '..' || first === '.git' || path.isAbsolute(path.relative(root, file)))
        return '';
      if (known.has(file)) return '';
      known.add(file);
      const text = textOf(file);
      return text === null ? '' : `# ${name}\n\n${text}`;
    } catch {
      return '';
    }
  })
    .filter(Boolean)
    .join('\n\n')
    .slice(0, MAX_CHARS);
}
