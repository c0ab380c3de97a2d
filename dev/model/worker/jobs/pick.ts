import { type Change, created } from '../job.ts';

const PICK = `import { UsageError } from './errors.js';

/**
 * The to-do with the number that a person gave. Throws a UsageError, which says what would
 * have worked, for anything that is not the number of a to-do.
 */
export function pick(todos, given) {
  if (todos.length === 0) throw new UsageError('The list is empty.');
  const todo = /^[0-9]+$/.test(given ?? '') ? todos[Number(given) - 1] : undefined;
  if (todo) return todo;
  const range = todos.length === 1 ? 'only 1' : \`1 to \${todos.length}\`;
  throw new UsageError(
    given === undefined
      ? \`Say which one: a number, \${range}.\`
      : \`There is no to-do "\${given}": the list has \${range}.\`,
  );
}
`;

/** Two jobs need it; the second one finds it there. */
export const pickFile: Change = created(
  'src/pick.js',
  'export function pick(',
  PICK,
  'Finding a to-do by its number gets a place of its own, with the sentences for what can go wrong.',
);
