import type { AccessFound } from './cloudflare/access.ts';
import type { Found } from './found.ts';
import type { Access } from './installation.ts';
import { accessByHand, ends } from './messages.ts';
import type { Ports } from './ports.ts';
import { type Flag, QUESTIONS } from './questions.ts';
import type { Settled } from './settle.ts';
import { Stop } from './stop.ts';

/**
 * The application in front of the host: what Access itself says, and what its owner said where that
 * cannot be read, or is one that stands in front of more than this host. Null where there is none.
 */
export function accessIn(access: AccessFound, named: Access | null): Access | null {
  if (access.is === 'unreadable') return named;
  const { team, app, all } = access;
  if (app !== null) return { team, aud: app.aud };
  const isThere = named !== null && all.some(({ aud }) => aud === named.aud);
  return isThere ? { team, aud: named.aud } : null;
}

/**
 * The application that Access has, or that its owner named; where there is neither, what to do by hand,
 * and then its name is asked for, or the command ends.
 */
export async function accessOf(
  { terminal }: Ports,
  { access }: Found,
  settled: Settled,
): Promise<Access> {
  const known = accessIn(access, settled.access);
  if (known !== null) {
    if (settled.access !== null && settled.access.aud !== known.aud) {
      terminal.say(ends.otherAud(settled.access.aud, known.aud, settled.host));
    }
    return known;
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
