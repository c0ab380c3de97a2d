import * as z from 'zod/mini';

/**
 * What a Task stored before its shapes had numbers, as its migrations rewrite it. Values come as they
 * were found: what is not known here stays as it is, for the reader of today to judge.
 */
type Fields = Record<string, unknown>;

const Fields = z.record(z.string(), z.unknown());
const isFields = (value: unknown): value is Fields => Fields.safeParse(value).success;
const PullRequest = z.looseObject({ number: z.int(), url: z.string() });
const CommitEvent = z.looseObject({ commit: z.string() });
const Head = z.looseObject({ spec: z.looseObject({ mode: z.optional(z.string()) }) });

/** The object with a field under another name; one that has the new name already keeps it. */
function renamed(fields: Fields, from: string, to: string): Fields {
  if (!(from in fields)) return fields;
  const { [from]: value, ...rest } = fields;
  return { [to]: value, ...rest };
}

/** `asked` is `initialMode`; a queued task has a `slot`, which is granted, not given. */
export function renamedRecord(record: object): Fields {
  const fields = renamed({ ...record }, 'asked', 'initialMode');
  if (!isFields(fields.state)) return fields;
  const state = renamed(fields.state, 'place', 'slot');
  return { ...fields, state: state.slot === 'given' ? { ...state, slot: 'granted' } : state };
}

/** `line` is `task`, `place` is `slot`. */
export function renamedReport(report: object): Fields {
  return renamed(renamed({ ...report }, 'line', 'task'), 'place', 'slot');
}

/** The commit that an event of that kind names; null when it names none. */
export function lastCommitOf(body: string): string | null {
  try {
    return CommitEvent.parse(JSON.parse(body)).commit;
  } catch {
    return null;
  }
}

function olderState(state: Fields): Fields {
  switch (state.is) {
    case 'queued':
      // Nobody waited for a slot then: it was dispatched at once.
      return { slot: 'granted', ...state };
    case 'checking':
      // What looks for the pushed commit has a name of its own since checks are watched.
      return 'result' in state ? { ...state, is: 'delivering' } : state;
    case 'in_review':
      return { checks: { is: 'none' }, ...state };
    case 'cancelled':
      return { by: 'person', ...state };
    default:
      return state;
  }
}

/**
 * A record with all that came later. What was delivered was not kept then: the last commit of the
 * task's own events stands for it.
 */
export function olderRecord(record: object, head: unknown, lastCommit: string | null): Fields {
  const parsed = Head.safeParse(head);
  const mode = (parsed.success ? parsed.data.spec.mode : undefined) ?? 'direct';
  const fields: Fields = { ...record };
  const pullRequest = PullRequest.safeParse(fields.pullRequest);
  const delivered =
    pullRequest.success && lastCommit !== null
      ? { pullRequest: pullRequest.data, commit: lastCommit, summary: '' }
      : null;
  return {
    mode,
    initialMode: mode,
    fresh: false,
    delivered,
    rounds: 0,
    ...fields,
    ...(isFields(fields.state) && { state: olderState(fields.state) }),
  };
}

/** A report with all that came later. A settled item said only by its words how. */
export function olderReport(report: object): Fields {
  const fields: Fields = { slot: 'none', spent: null, ...report };
  const { inbox, task } = fields;
  if (!isFields(inbox) || inbox.is !== 'settle' || 'outcome' in inbox) return fields;
  const at = isFields(task) ? task.updatedAt : 0;
  return { ...fields, inbox: { is: 'settle', outcome: { by: 'task', text: inbox.text, at } } };
}

/** True while something at the git host could move the task. */
export function needsWatch(record: unknown): boolean {
  if (!isFields(record) || !isFields(record.state)) return false;
  const { is, by } = record.state;
  if (is === 'cancelled') return by === 'host';
  return is !== 'done' && is !== 'failed';
}
