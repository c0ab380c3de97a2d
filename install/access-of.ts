import type { Found } from './found.ts';
import type { Access } from './installation.ts';
import { accessByHand, ends } from './messages.ts';
import type { Ports } from './ports.ts';
import { type Flag, QUESTIONS } from './questions.ts';
import type { Settled } from './settle.ts';
import { Stop } from './stop.ts';

/**
 * The application that Access has, or that its owner named; where there is neither, what to do by hand,
 * and then its name is asked for, or the command ends.
 */
export async function accessOf(
  { terminal }: Ports,
  { access }: Found,
  settled: Settled,
): Promise<Access> {
  if (settled.access !== null) return settled.access;
  if (access.is === 'readable' && access.app !== null) {
    return { team: access.team, aud: access.app.aud };
  }
  const why = access.is === 'unreadable' ? access.why : 'it has no application';
  const recipe = accessByHand(settled.host, settled.emails, why);
  const { ask } = terminal;
  if (ask === null || !settled.mayAsk) throw new Stop(`${recipe}\n${ends.thenAgain}`);
  terminal.say(recipe);
  const of = (flag: Flag) => QUESTIONS.find((one) => one.flag === flag);
  const [team, aud] = [of('access-team'), of('access-aud')];
  if (team === undefined || aud === undefined) throw new Error('Two questions are gone.');
  return {
    team: await ask({ ...team, text: 'The team’s domain' }),
    aud: await ask({ ...aud, text: 'The application’s AUD tag' }),
  };
}
