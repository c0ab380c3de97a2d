import type { Command } from '../../protocol/up.ts';
import { Pace } from '../platform/pace.ts';

/** Whatever a person's pages ask together, also after hours without a connection. */
const COMMANDS = { atOnce: 300, perSecond: 10 };
/** Each of them may begin a reply, or a turn of a worker. */
const MESSAGES = { atOnce: 60, perSecond: 0.5 };
/** Each is answered with all that a page shows. */
const HELLOS = { atOnce: 60, perSecond: 2 };

const isMessage = (command: Command) =>
  command.type === 'send' ||
  command.type === 'again' ||
  (command.type === 'task' && command.command.do === 'message');

const seconds = (ms: number) => {
  const count = Math.ceil(ms / 1_000);
  return count === 1 ? 'a second' : `${count} seconds`;
};

/** How fast one person's pages may ask. Nothing that was refused has happened, and its text is kept where it was written. */
export class CommandPace {
  readonly #commands = new Pace(COMMANDS);
  readonly #messages = new Pace(MESSAGES);
  readonly #hellos = new Pace(HELLOS);

  /** What to tell whoever asks too fast; null where it may be carried out. */
  refusal(command: Command, now: number): string | null {
    const wait = this.#commands.take(now) || (isMessage(command) ? this.#messages.take(now) : 0);
    return wait === 0
      ? null
      : `That came faster than Mainloop takes it from one person. Try again in ${seconds(wait)}.`;
  }

  helloRefusal(now: number): string | null {
    return this.#hellos.take(now) === 0
      ? null
      : 'Pages of yours connect faster than Mainloop answers them. Close some, and try again in a minute.';
  }
}
