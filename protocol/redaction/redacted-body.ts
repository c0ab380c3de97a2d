import { RunnerEvent } from '../runner.ts';
import type { Redactor } from './redactor.ts';

/** What else stands in a report than words: names of ours, and ids that others go by. */
const NO_WORDS = new Set(['type', 'is', 'toolUseId', 'parent', 'commit', 'outcome']);

/** What a runner reports, each text without secrets: the runner sees to it, and so does who takes it. */
export function redactedBody(
  redactor: Pick<Redactor, 'within'>,
  body: RunnerEvent['body'],
): RunnerEvent['body'] {
  return RunnerEvent.shape.body.parse(redactor.within(body, NO_WORDS));
}
