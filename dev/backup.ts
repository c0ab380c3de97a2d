// All that a person has in one file, and from it into an empty installation:
// `npm run export [FILE] [-- --anyway]`, `npm run import FILE`. docs/backup.md has the format.
import { WHERE, mainloopUrl } from './ask-mainloop.ts';
import { exportTo } from './backup/export.ts';
import { importFrom } from './backup/import.ts';

const USAGE = `npm run export -- [FILE] [--anyway]   all that you have here, into a file
npm run import -- FILE                all that a file holds, into an empty installation

${WHERE}
Each person does so for what is theirs.`;

/** @returns what to print. */
async function backupCommand([command, ...given]: readonly string[], url: string) {
  const options = given.filter((one) => one.startsWith('--'));
  const [file, ...rest] = given.filter((one) => !one.startsWith('--'));
  const isKnown = options.every((one) => one === '--anyway') && rest.length === 0;
  if (isKnown && command === 'export') {
    const day = new Date().toISOString().slice(0, 10);
    return exportTo(url, file ?? `mainloop-${day}.jsonl.gz`, options.includes('--anyway'));
  }
  if (isKnown && options.length === 0 && command === 'import' && file !== undefined) {
    return importFrom(url, file);
  }
  throw new Error(USAGE);
}

try {
  console.log(await backupCommand(process.argv.slice(2), mainloopUrl()));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
