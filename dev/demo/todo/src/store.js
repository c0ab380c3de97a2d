import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { UsageError } from './errors.js';

/** To-dos get their numbers from their place in the file, so that the numbers have no gaps. */
function numbered(todos) {
  return todos.map((todo, index) => ({ number: index + 1, ...todo }));
}

function bare(todos) {
  return todos.map(({ number, ...todo }) => todo);
}

/** A list in a JSON file. A file that is not there is an empty list. */
export function fileStore(path) {
  return {
    load() {
      let text;
      try {
        text = readFileSync(path, 'utf8');
      } catch (error) {
        if (error.code === 'ENOENT') return [];
        throw error;
      }
      try {
        return numbered(JSON.parse(text).todos);
      } catch {
        throw new UsageError(`${path} is not a to-do file. Set TODO_FILE to use another one.`);
      }
    },

    /** Writes beside the file and renames, so that a crash leaves the old list whole. */
    save(todos) {
      const partial = `${path}.partial`;
      writeFileSync(partial, `${JSON.stringify({ todos: bare(todos) }, null, 2)}\n`);
      renameSync(partial, path);
    },
  };
}

/** A list in memory, for tests. */
export function memoryStore(todos = []) {
  let kept = bare(todos);
  return {
    load: () => numbered(structuredClone(kept)),
    save(changed) {
      kept = bare(structuredClone(changed));
    },
  };
}
