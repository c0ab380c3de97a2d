import { parseArgs } from 'node:util';
import { add } from './commands/add.js';
import { done } from './commands/done.js';
import { list } from './commands/list.js';
import { isoDate } from './dates.js';
import { UsageError } from './errors.js';

const COMMANDS = [
  add,
  list,
  done,
];

function help() {
  const width = Math.max(...COMMANDS.map((command) => command.usage.length));
  const lines = COMMANDS.map((command) => `  ${command.usage.padEnd(width)}  ${command.summary}`);
  return ['Usage: todo <command>', '', ...lines].join('\n');
}

/** True for what a person mistyped: ours, or an option that parseArgs does not know. */
function isMistake(error) {
  return error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
}

/**
 * Carries out one command line and prints nothing: returns the exit code, the output and,
 * when the exit code is 1, the sentence that says what was wrong.
 */
export function run(argv, store, today = isoDate(new Date())) {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help') {
    return { code: 0, output: help(), error: '' };
  }
  try {
    const command = COMMANDS.find((candidate) => candidate.name === name);
    if (!command) throw new UsageError(`There is no command "${name}". Try "todo help".`);
    const { values, positionals } = parseArgs({
      args,
      options: command.options,
      allowPositionals: true,
    });
    return { code: 0, output: command.run({ values, positionals, today }, store), error: '' };
  } catch (error) {
    if (isMistake(error)) return { code: 1, output: '', error: error.message };
    throw error;
  }
}
