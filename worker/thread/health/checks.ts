import type { HealthCheck, HealthName } from '../../../protocol/health.ts';
import type { TaskVitals } from '../../tasks/api.ts';
import type { ModelFacts } from './model-record.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What was given up is told for so long. */
const ENDED_TOLD_MS = 24 * HOUR_MS;
/** A sandbox takes its time to start, and a lost one is replaced by its task. */
const MISSING_MS = 5 * MINUTE_MS;
/** Deliveries with a wrong signature since the last good one, within the hour. */
const UNSIGNED_MAX = 3;
const MODEL_FAILURES_MAX = 3;

/** All that the checks are made of. Times are in milliseconds since 1970. */
export type HealthFacts = {
  /** Rows of the conversation and of its tasks that wait for Postgres, and since when it takes none. */
  history: { configured: boolean; rows: number; behindSince: number | null };
  tasks: { taskId: string; title: string; vitals: TaskVitals; missingSince: number | null }[];
  /** Tasks that did not say how they are. */
  silentTasks: number;
  /** Rows in the conversation. */
  setAside: number;
  webhooks: { configured: boolean; lastAt: number | null; unsigned: readonly number[] };
  model: ModelFacts;
  /** Pages that are connected. */
  pages: number;
};

/** After which time something counts as failing. */
export type HealthLimits = { historyBehindMs: number };

/** A check with what would make it news once more though the person has put its alert aside. */
export type Checked = HealthCheck & { gist: string };

type Found = Omit<Checked, 'name' | 'gist'> & { gist?: string };

const fine = (text: string): Found => ({ state: 'ok', text, mend: null });
const untried = (text: string): Found => ({ state: 'unknown', text, mend: null });

const plural = (count: number, what: string) =>
  `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;

/** How long ago, in words that do not change from one look to the next too often. */
export function since(at: number, now: number): string {
  const minutes = Math.max(0, Math.floor((now - at) / MINUTE_MS));
  if (minutes < 1) return 'less than a minute';
  if (minutes < 90) return plural(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 48 ? plural(hours, 'hour') : plural(Math.round(hours / 24), 'day');
}

/** How everything is. */
export function checksOf(facts: HealthFacts, limits: HealthLimits, now: number): Checked[] {
  const found: Record<HealthName, Found> = {
    history: history(facts, limits, now),
    effects: effects(facts, now),
    sandboxes: sandboxes(facts, now),
    model: model(facts, now),
    webhooks: webhooks(facts, now),
    pushes: pushes(facts, now),
    set_aside: setAside(facts),
    connections: fine(
      facts.pages === 0 ? 'No page is connected.' : `${plural(facts.pages, 'page')} connected.`,
    ),
  };
  return NAMES.map((name) => ({ name, gist: '', ...found[name] }));
}

const NAMES: readonly HealthName[] = [
  'history',
  'effects',
  'sandboxes',
  'model',
  'webhooks',
  'pushes',
  'set_aside',
  'connections',
];

function history(
  { history: { configured, rows, behindSince } }: HealthFacts,
  limits: HealthLimits,
  now: number,
): Found {
  if (!configured) {
    return {
      state: 'warning',
      text: 'No Postgres is configured: nothing is kept for the search, a rebuild or an export.',
      mend: 'Set up Postgres (docs/install.md). What waits goes there by itself.',
    };
  }
  if (behindSince === null) {
    return fine(
      rows === 0 ? 'Postgres has everything.' : `${plural(rows, 'row')} on the way to Postgres.`,
    );
  }
  return {
    state: now - behindSince >= limits.historyBehindMs ? 'failing' : 'warning',
    text: `Postgres has taken nothing for ${since(behindSince, now)}; ${plural(rows, 'row')} waiting. Chat and tasks go on, and nothing is lost.`,
    mend: 'See that the database runs and that its address in Hyperdrive is right (npm run doctor). It catches up by itself.',
  };
}

function effects({ tasks }: HealthFacts, now: number): Found {
  const ended = tasks
    .flatMap(({ title, vitals }) => (vitals.ended === null ? [] : [{ title, ...vitals.ended }]))
    .filter(({ at }) => at > now - ENDED_TOLD_MS)
    .toSorted((one, other) => other.at - one.at);
  const [last] = ended;
  if (last !== undefined) {
    return {
      state: 'failing',
      text: `Something outside was given up for “${last.title}”: ${last.text}`,
      mend: 'See what it says; the task’s page has what was tried.',
      gist: `${last.title} ${last.at}`,
    };
  }
  const tried = tasks
    .flatMap(({ title, vitals }) => (vitals.effect === null ? [] : [{ title, ...vitals.effect }]))
    .toSorted((one, other) => one.since - other.since);
  const [oldest] = tried;
  if (oldest === undefined) return fine('Nothing outside is tried again.');
  return {
    state: 'warning',
    text: `${plural(tried.length, 'thing')} outside tried again; the oldest (${oldest.what.replaceAll('_', ' ')}, “${oldest.title}”) for ${since(oldest.since, now)}, ${plural(oldest.tries, 'try')}.`.replace(
      'trys',
      'tries',
    ),
    mend: 'It goes on by itself. If the git host answers nobody, look at its status page.',
  };
}

function sandboxes({ tasks, silentTasks }: HealthFacts, now: number): Found {
  const wanted = tasks.filter(({ vitals }) => vitals.sandbox !== 'none');
  const missing = wanted.filter(({ vitals }) => vitals.sandbox === 'missing');
  const lost = missing.filter(
    ({ missingSince }) => missingSince !== null && now - missingSince >= MISSING_MS,
  );
  const live =
    `${wanted.length - missing.length} of ${plural(wanted.length, 'sandbox')} live.`.replace(
      'sandboxs',
      'sandboxes',
    );
  if (lost.length > 0) {
    return {
      state: 'failing',
      text: `${live} ${lost.map(({ title }) => `“${title}”`).join(', ')} should have one and has none for ${since(Math.min(...lost.map((one) => one.missingSince ?? now)), now)}. Its work is kept.`,
      mend: 'See Containers in the Cloudflare dashboard: the account’s limit, and whether the image is there. The task goes on by itself; Retry on its page begins anew.',
    };
  }
  if (missing.length > 0 || silentTasks > 0) {
    const silent = silentTasks > 0 ? ` ${plural(silentTasks, 'task')} did not say how it is.` : '';
    return {
      state: 'warning',
      text: `${live}${silent}`,
      mend: 'It is looked at again within a minute.',
    };
  }
  return fine(wanted.length === 0 ? 'No task has a sandbox now.' : live);
}

function model({ model: { answeredAt, failures, why } }: HealthFacts, now: number): Found {
  if (failures === 0) {
    return answeredAt === null
      ? untried('The conversation’s model was not asked lately.')
      : fine(`The conversation’s model answered ${since(answeredAt, now)} ago.`);
  }
  return {
    state: failures >= MODEL_FAILURES_MAX ? 'failing' : 'warning',
    text: `The conversation’s model failed ${failures === 1 ? 'once' : `${failures} times`} in a row: ${why ?? ''}`,
    mend: 'Look at the key and its limit (npm run doctor), and at status.anthropic.com. Ask again once it answers.',
  };
}

function webhooks({ webhooks: { configured, lastAt, unsigned } }: HealthFacts, now: number): Found {
  if (!configured) {
    return {
      state: 'warning',
      text: 'The git host’s webhooks are not set up: tasks look there by themselves, which takes longer.',
      mend: 'npm run setup makes the webhook’s secret, and says what to enter at GitHub.',
    };
  }
  const wrong = unsigned.filter((at) => at > now - HOUR_MS && at > (lastAt ?? 0));
  if (wrong.length >= UNSIGNED_MAX) {
    return {
      state: 'failing',
      text: `${plural(wrong.length, 'webhook')} in a row with a wrong signature, the last ${since(Math.max(...wrong), now)} ago. They have no effect; tasks look by themselves.`,
      mend: 'Enter the installation’s webhook secret at GitHub once more. Where GitHub shows no failed delivery, somebody else sends them: nothing has to be done.',
    };
  }
  return lastAt === null
    ? untried('No webhook came in three days.')
    : fine(`The last webhook came ${since(lastAt, now)} ago.`);
}

function pushes({ tasks }: HealthFacts, now: number): Found {
  const times = tasks.flatMap(({ vitals }) => vitals.pushedAt ?? []);
  return times.length === 0
    ? untried('No open task has pushed yet.')
    : fine(`The last push of a task’s branch was seen ${since(Math.max(...times), now)} ago.`);
}

function setAside({ setAside: own, tasks }: HealthFacts): Found {
  const count = tasks.reduce((sum, { vitals }) => sum + vitals.setAside, own);
  if (count === 0) return fine('Every row can be read.');
  return {
    state: 'failing',
    text: `${plural(count, 'row')} set aside: this version cannot read them, Postgres refused them, or they were cut. They are kept.`,
    mend: 'See which at /api/health/storage. A newer version may read them; after an update back, deploy the newer one.',
    gist: String(count),
  };
}
