// `npm run test:containers`: whole tasks in real containers. Its last lines are vitest's.
import { spawnSync } from 'node:child_process';
import { prepareContainers } from './containers/prepare.ts';

prepareContainers((text) => console.log(text));
const args = ['run', '--project', 'containers', ...process.argv.slice(2)];
process.exit(spawnSync('vitest', args, { stdio: 'inherit' }).status ?? 1);
