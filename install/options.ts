import { parseArgs } from 'node:util';
import { closest } from './closest.ts';
import { Address, type Answers, QUESTIONS } from './questions.ts';
import { reasonOf } from './reason.ts';
import { Stop } from './stop.ts';

/** What a command may be told beside answers. */
export const SWITCHES = {
  yes: 'ask nothing: what is needed comes from flags, the environment, or an earlier setup',
  'dry-run': 'say what would be done, and do nothing',
  force: 'deploy although nothing differs',
  'take-over':
    'lead an installation that another folder made, and use a host name that leads elsewhere now',
  'use-environment': 'let variables of the environment change what is known of the installation',
  'replace-keys': 'send ENCRYPTION_KEYS of this folder although the Worker has others',
  'without-hyperdrive': 'reach Neon directly (for a database at neon.tech)',
  json: 'print JSON',
  help: 'print this',
} as const;
export type Switch = keyof typeof SWITCHES;

export type Options = {
  answers: Answers;
  switches: Record<Switch, boolean>;
  /** Variables of the Worker's, by name; an empty one is that of wrangler.toml again. */
  vars: Record<string, string>;
  /** Where the installation is reached from here, when not by its host name. */
  address: string | null;
};

/** In words what of a command line was not understood. */
function whyNot(args: readonly string[], known: object, error: unknown): string {
  const why = reasonOf(error);
  const [, positional] = /^Unexpected argument '(.*?)'\./s.exec(why) ?? [];
  if (positional !== undefined) {
    return `"${positional}" is no flag: an answer is said in one piece, as --host=mainloop.example.com. --help lists all.`;
  }
  const names = Object.keys(known);
  const unknown = args
    .map((arg) => /^--?([^=]+)/.exec(arg)?.[1] ?? null)
    .find((name) => name !== null && !names.includes(name));
  if (typeof unknown === 'string') {
    const meant = closest(unknown, names);
    return `There is no --${unknown}.${meant === null ? '' : ` Did you mean --${meant}?`} --help lists all.`;
  }
  return `${why.split('\n')[0]?.replace(/\.?$/, '.')} See --help.`;
}

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

function parse(args: readonly string[]): Values {
  const texts = [...QUESTIONS.map(({ flag }) => flag), 'address'];
  const known: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }> =
    {
      var: { type: 'string', multiple: true },
      ...Object.fromEntries(texts.map((flag) => [flag, { type: 'string' }])),
      ...Object.fromEntries(Object.keys(SWITCHES).map((name) => [name, { type: 'boolean' }])),
      help: { type: 'boolean', short: 'h' },
    };
  try {
    return parseArgs({ args: [...args], strict: true, options: known }).values;
  } catch (error) {
    throw new Stop(whyNot(args, known, error));
  }
}

/** `NAME=value`, as often as it was said. */
function varsIn(said: Values[string]): Record<string, string> {
  const pairs = Array.isArray(said) ? said.map(String) : [];
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(pair) ?? [];
      if (name === undefined || value === undefined) {
        throw new Stop(`--var is said as --var=NAME=value, not --var=${pair}.`);
      }
      return [name, value];
    }),
  );
}

function addressIn(said: Values[string]): string | null {
  if (typeof said !== 'string') return null;
  const read = Address.safeParse(said);
  if (!read.success) {
    throw new Stop(
      '--address should look like https://mainloop.example.com or http://127.0.0.1:8787.',
    );
  }
  return read.data.replace(/\/+$/, '');
}

/** Reads a command line; throws a sentence for a flag that is none. */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const answers: Answers = {};
  for (const { flag } of QUESTIONS) {
    const value = values[flag];
    if (typeof value === 'string') answers[flag] = value;
  }
  const on = (name: Switch) => values[name] === true;
  return {
    answers,
    vars: varsIn(values.var),
    address: addressIn(values.address),
    switches: {
      yes: on('yes'),
      'dry-run': on('dry-run'),
      force: on('force'),
      'take-over': on('take-over'),
      'use-environment': on('use-environment'),
      'replace-keys': on('replace-keys'),
      'without-hyperdrive': on('without-hyperdrive'),
      json: on('json'),
      help: on('help'),
    },
  };
}
