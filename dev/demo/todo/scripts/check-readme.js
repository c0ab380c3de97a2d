import { readFileSync } from 'node:fs';
import { run } from '../src/cli.js';
import { memoryStore } from '../src/store.js';

/** The README describes every command: a section `### \`todo <command>` for each. */
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const help = run(['help'], memoryStore()).output;
const commands = [...help.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
const missing = commands.filter((name) => !readme.includes(`### \`todo ${name}`));

if (missing.length > 0) {
  const names = missing.map((name) => `todo ${name}`).join(', ');
  console.error(`README.md does not describe ${names}. Add a section for each command.`);
  process.exitCode = 1;
} else {
  console.log(`README.md describes all ${commands.length} commands.`);
}
