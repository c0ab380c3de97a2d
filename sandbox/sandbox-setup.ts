import { homedir } from 'node:os';
import type { Redactor } from '../protocol/redaction/redactor.ts';
import type { Brief } from '../protocol/runner.ts';
import type { SetupAnswer } from '../protocol/setup.ts';
import type { Gateway } from './gateway.ts';
import type { Git } from './git.ts';
import type { PromptQueue } from './prompt-queue.ts';
import type { Reporter } from './reporter.ts';
import { setUp } from './setup.ts';
import { toolPath } from './tool-path.ts';
import { childEnvironment } from './trust.ts';

type Parts = {
  brief: Brief;
  access: { gateway: string; token: string };
  gateway: Pick<Gateway, 'setup'>;
  reporter: Pick<Reporter, 'add'>;
  redactor: Pick<Redactor, 'know'>;
  prompts: Pick<PromptQueue, 'onStop' | 'parked' | 'waiting'>;
};

/** The set-up as a part of a sandbox's beginning, which the person may stop. */
export class SandboxSetup {
  readonly #parts: Parts;
  readonly #given: Promise<SetupAnswer>;
  #isStopped = false;
  /** True once what the repository's set-up installs is here. */
  isSetUp = false;
  /** What the worker must know of it; empty when all is well. */
  note = '';
  /** What the worker's commands are given. */
  variables: Record<string, string> = {};

  constructor(parts: Parts) {
    this.#parts = parts;
    // Asked for while the clone is under way.
    this.#given = parts.gateway.setup({ for: 'work' });
    this.#given.catch(() => {});
  }

  async run(git: Git, directory: string): Promise<void> {
    const { brief, access, reporter, redactor, prompts } = this.#parts;
    const given = await this.#given;
    this.variables = Object.fromEntries(given.values.map(({ name, value }) => [name, value]));
    // The worker may read these; what it does is shown without them all the same.
    const secrets = given.values.filter(({ isSecret }) => isSecret);
    redactor.know(secrets.map(({ value }) => value));
    const stop = new AbortController();
    prompts.onStop = () => stop.abort();
    if (prompts.parked) stop.abort();
    const home = homedir();
    const environment = {
      ...childEnvironment(),
      PATH: toolPath(),
      HOME: home,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      TERM: 'dumb',
      CI: '1',
      DEBIAN_FRONTEND: 'noninteractive',
      // What asks for a password would wait for ever.
      GIT_TERMINAL_PROMPT: '0',
    };
    const report = (body: Parameters<Reporter['add']>[0]) => reporter.add(body);
    const { signal } = stop;
    const parts = { brief, access, git, directory, home, environment, report, signal };
    const done = await setUp(parts, given);
    prompts.onStop = null;
    if (done === null) for (const text of given.missing) report({ type: 'step', text });
    this.isSetUp = done?.outcome === 'done' || done?.outcome === 'restored';
    this.note = done?.note ?? '';
    this.#isStopped = done?.outcome === 'stopped';
  }

  /** The person has stopped it: waits for their word, which stays where it is. */
  async wordAfterStop(): Promise<'go_on' | 'park'> {
    const { reporter, prompts } = this.#parts;
    if (!this.#isStopped) return prompts.parked ? 'park' : 'go_on';
    if (prompts.parked) return 'park';
    reporter.add({ type: 'interrupted' });
    return (await prompts.waiting()) === 'park' ? 'park' : 'go_on';
  }
}
