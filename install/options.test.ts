import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { QUESTIONS } from './questions.ts';
import { COMMANDS, type Command, takenByNpm, usage } from './usage.ts';

describe('a command line that is not understood', () => {
  it.each([
    [['--hots=x'], /There is no --hots\. Did you mean --host\?/],
    [['--host', 'a.example.com', '--dry'], /There is no --dry\. Did you mean --dry-run\?/],
    [['--nonsense'], /There is no --nonsense\. --help/],
    [['host=a.example.com'], /"host=a.example.com" is no flag.*--host=mainloop/],
    [['--host'], /--host.*argument missing.*--help/],
    [['--yes=1'], /--yes.*does not take an argument/],
    [['--var=model'], /--var=NAME=value, not --var=model/],
    [['--address=nope'], /--address should look like https/],
  ])('%j is answered in a sentence', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence);
  });
});

describe('--help', () => {
  it('is -h as well', () => {
    expect(readOptions(['-h']).switches.help).toBe(true);
  });

  const commands = Object.keys(COMMANDS) as Command[];
  it.each(commands)('of %s names each of its flags', (command) => {
    for (const name of COMMANDS[command].switches) expect(usage(command)).toContain(`--${name} `);
  });

  it('says what each answer is, which are needed, and where secrets belong', () => {
    const text = usage('setup');
    for (const { flag, variable, means, hint } of QUESTIONS) {
      for (const part of [`--${flag}=…`, variable, means, hint]) expect(text).toContain(part);
    }
    const [needed = '', optional = ''] = text.split('Optional:');
    expect(needed).toMatch(/Needed.*--host=.*--emails=.*DATABASE_URL.*ANTHROPIC_API_KEY.*GITHUB/s);
    expect(optional).not.toContain('--host=…');
    expect(text).toContain('Secrets do not belong on the command line');
  });
});

it('what npm took for itself, for want of a --, is noticed before anything is done', () => {
  expect(takenByNpm({ npm_config_dry_run: 'true', npm_config_host: 'a.example.com' })).toEqual([
    'host',
    'dry-run',
  ]);
  expect(takenByNpm({ npm_config_user_agent: 'npm', npm_config_yes: 'true' })).toEqual([]);
});
