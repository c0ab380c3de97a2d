import { SWITCHES, type Switch } from './options.ts';
import { type Flag, QUESTIONS } from './questions.ts';
import { NEEDED, NEEDED_BY_WORKER } from './needed.ts';

/** The commands, and what each of them is told beside answers. */
export const COMMANDS = {
  setup: {
    about:
      'Makes an installation in your Cloudflare account, or changes what of it differs: run it as often as you like. At a terminal it asks for what is missing.',
    switches: [
      'dry-run',
      'yes',
      'take-over',
      'force',
      'use-environment',
      'replace-keys',
      'without-hyperdrive',
      'help',
    ],
  },
  deploy: {
    about:
      'Brings the installation of this folder to the version of this folder: the database first, then the Worker. It asks nothing.',
    switches: ['dry-run', 'force', 'take-over', 'use-environment', 'replace-keys', 'help'],
  },
  doctor: {
    about:
      'Looks for what is wrong with this machine and the installation, and says how to mend it. It changes nothing.',
    switches: ['json', 'help'],
  },
  uninstall: {
    about: 'Takes away what setup made, once you agree. Never Postgres, nor what it holds.',
    switches: ['dry-run', 'yes', 'help'],
  },
} as const satisfies Record<string, { about: string; switches: readonly Switch[] }>;
export type Command = keyof typeof COMMANDS;

const line = (left: string, right: string) => `  ${left.padEnd(26)}${right}`;

function answer(flag: Flag): string[] {
  return QUESTIONS.filter((one) => one.flag === flag).flatMap(
    ({ variable, hint, means, isSecret }) => [
      isSecret ? line(variable, means) : line(`--${flag}=…`, means),
      line('', isSecret ? `like ${hint}  (or --${flag}=…)` : `like ${hint}  (or ${variable})`),
    ],
  );
}

function answers(): string[] {
  const needed: readonly Flag[] = [...NEEDED, ...NEEDED_BY_WORKER];
  const optional = QUESTIONS.map(({ flag }) => flag).filter((flag) => !needed.includes(flag));
  return [
    'Needed the first time, and remembered:',
    ...needed.flatMap(answer),
    '',
    'Optional:',
    ...optional.flatMap(answer),
    line(
      '--var=NAME=value',
      'A variable of wrangler.toml, as often as you like; empty takes it back.',
    ),
    line('', 'like --var=MODEL_OPUS=…'),
    line('--address=…', 'Where it is reached from this machine, when not by its host name.'),
    '',
    'Secrets do not belong on the command line: other people of a machine can read it, and the shell',
    'keeps it. Say them by variable, or at the question. Who you are at Cloudflare comes from',
    '`npx wrangler login` or CLOUDFLARE_API_TOKEN; only a token can set up Access (docs/install.md).',
    '',
    'Example:',
    '  export CLOUDFLARE_API_TOKEN DATABASE_URL ANTHROPIC_API_KEY GITHUB_TOKEN   # set before',
    '  npm run setup -- --yes --host=mainloop.example.com --emails=you@example.com',
  ];
}

/** The text of `--help`. */
export function usage(command: Command): string {
  const { about, switches } = COMMANDS[command];
  return [
    `npm run ${command} -- [flags]     (the -- is npm's: what stands before it, npm takes for itself)`,
    '',
    about,
    '',
    ...(command === 'setup' ? [...answers(), ''] : []),
    'Flags:',
    ...switches.map((name) => line(`--${name}`, SWITCHES[name])),
    ...(command === 'deploy'
      ? ['', 'What setup takes is taken here as well: npm run setup -- --help.']
      : []),
  ].join('\n');
}

/** Flags that npm took for itself, since no `--` stood before them; it names them to its scripts so. */
export function takenByNpm(environment: NodeJS.ProcessEnv): string[] {
  const ours: string[] = [
    ...QUESTIONS.map(({ flag }) => flag),
    'dry-run',
    'take-over',
    'use-environment',
    'replace-keys',
    'without-hyperdrive',
  ];
  return ours.filter((flag) => environment[`npm_config_${flag.replaceAll('-', '_')}`]);
}
