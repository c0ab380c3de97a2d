import type { Live } from '../live.ts';
import type { Tried } from '../tokens.ts';
import { type Finding, SETUP, type Seen, finding, notTried } from './finding.ts';

function tokenFinding(what: string, tried: Tried | null, mend: string): Finding {
  if (tried === null) return notTried(what, 'This folder does not know it.');
  switch (tried.is) {
    case 'good':
      return { is: 'good', what };
    case 'refused':
    case 'doubtful':
      return finding(what, tried.text, mend);
    case 'unknown':
      return notTried(what, tried.text);
  }
}

function databaseFinding({ database }: Seen): Finding {
  const what = 'Postgres';
  if (database === null) return notTried(what, 'This folder does not know DATABASE_URL.');
  if (database.is === 'away') {
    return finding(
      what,
      database.text,
      'Start it or let this machine in, or run `npm run setup -- --database-url=…` with the right address.',
    );
  }
  const { pending } = database;
  return finding(
    what,
    pending.length > 0 && `Migrations were not run: ${pending.join(', ')}.`,
    'Run `npm run deploy`.',
  );
}

const AWAY =
  'A new host name takes some minutes to be known; look from another network, then run `npm run doctor` again.';

function liveFinding(what: string, live: Live | null, mend: string): Finding {
  if (live === null) return notTried(what, 'Nothing is deployed.');
  switch (live.is) {
    case 'good':
      return { is: 'good', what };
    case 'wrong':
      return finding(what, live.text, live.mend ?? mend);
    case 'away':
      return finding(what, live.text, AWAY);
  }
}

/** Whom the installation needs, and how it looks from outside. */
export function outsideFindings(seen: Seen): Finding[] {
  const { anthropic, github, app, strangers, webhooks } = seen;
  return [
    databaseFinding(seen),
    tokenFinding(
      'Anthropic API key',
      anthropic,
      'Make a new one at https://platform.claude.com and run `npm run setup -- --anthropic-api-key=…`.',
    ),
    seen.isApp
      ? tokenFinding(
          'GitHub App',
          app,
          'Mend that at GitHub; for another key run `npm run setup -- --github-app-private-key=FILE`.',
        )
      : tokenFinding(
          'GitHub token',
          github,
          'Make one with contents, pull requests and issues, read and write, and run `npm run setup -- --github-token=…`.',
        ),
    liveFinding('Strangers', strangers, SETUP),
    liveFinding('Webhook secret', webhooks, 'Run `npm run setup -- --force`.'),
  ];
}
