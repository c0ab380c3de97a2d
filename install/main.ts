// `npm run setup`, `deploy`, `doctor` and `uninstall`: one's own Cloudflare account.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { doctor } from './doctor/doctor.ts';
import { deployInWorkersBuilds } from './workers-builds.ts';
import { installationFolder } from './installation.ts';
import { type Options, readOptions } from './options.ts';
import { type Ports, portsOf } from './ports.ts';
import { setup } from './setup.ts';
import { Stop } from './stop.ts';
import { terminal } from './terminal.ts';
import { uninstall } from './uninstall.ts';
import { COMMANDS, type Command, takenByNpm, usage } from './usage.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const isCommand = (text: string): text is Command => Object.hasOwn(COMMANDS, text);

async function run(command: Command, options: Options, ports: Ports): Promise<void> {
  switch (command) {
    case 'setup':
      await setup(options, ports);
      return;
    case 'deploy': {
      if (ports.environment.WORKERS_CI) return deployInWorkersBuilds(ports);
      if (ports.folder.read() === null) {
        throw new Stop(
          `There is no installation in ${ports.folder.path}: run npm run setup first.`,
        );
      }
      const unasked = { ...options, switches: { ...options.switches, yes: true } };
      await setup(unasked, ports);
      return;
    }
    case 'doctor':
      if (!(await doctor(options, ports))) process.exitCode = 1;
      return;
    case 'uninstall':
      return uninstall(options, ports);
  }
}

const [command = '', ...rest] = process.argv.slice(2);
try {
  if (!isCommand(command)) throw new Stop(`There is ${Object.keys(COMMANDS).join(', ')}.`);
  const options = readOptions(rest);
  if (options.switches.help) {
    console.log(usage(command));
  } else {
    const { env } = process;
    const [taken] = takenByNpm(env);
    if (taken !== undefined) {
      throw new Stop(
        `npm took --${taken} for itself, and nothing was done. Flags stand behind a --: npm run ${command} -- --${taken}`,
      );
    }
    const isAttended = process.stdin.isTTY === true && process.stdout.isTTY === true && !env.CI;
    const folder = path.resolve(ROOT, env.MAINLOOP_INSTALLATION_DIR ?? '.installation');
    await run(
      command,
      options,
      portsOf(ROOT, env, installationFolder(folder), terminal(isAttended)),
    );
  }
} catch (error) {
  console.error(error instanceof Stop ? error.message : error);
  process.exitCode = 1;
}
