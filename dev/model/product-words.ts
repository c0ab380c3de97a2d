import type { InboxItem } from '../../protocol/inbox.ts';
import { DEFAULT_SETTINGS, type RepositorySettings } from '../../protocol/settings.ts';
import { type Decided, changesMessage } from '../../sandbox/decisions.ts';
import { PLANNING, decisionNote, firstPrompt, newSandboxNote } from '../../sandbox/instructions.ts';
import { pickedText } from '../../worker/tasks/decisions/wording.ts';
import { taskUpdate } from '../../worker/thread/reply/notice.ts';
import {
  ANSWER_AGAIN,
  SUMMARY_HEADING,
  repositoryLine,
  taskLineText,
  waitingText,
} from '../../worker/thread/reply/prompt.ts';
import { SUMMARY_INSTRUCTIONS } from '../../worker/thread/reply/summary.ts';

/*
 * All sentences of the product that this model recognises. Each pattern is made of what the product
 * itself writes about samples, so that a change of wording reaches this model by itself.
 */

export { ANSWER_AGAIN, PLANNING, SUMMARY_HEADING, SUMMARY_INSTRUCTIONS };

export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Matches `text` with anything in the place of the samples, which become groups by their names. */
function pattern(text: string, samples: Record<string, string>, end = '$'): RegExp {
  const source = Object.entries(samples).reduce(
    (made, [name, sample]) => made.replace(sample, `(?<${name}>[\\s\\S]*?)`),
    escaped(text),
  );
  return new RegExp(source + end);
}

/** The pattern for one line of the prompt. A title may hold what looks like the rest of the line. */
function line(text: string, samples: Record<string, string>): RegExp {
  const source = pattern(text, samples).source.replaceAll('[\\s\\S]*?', '.+?');
  return new RegExp(`^${source.replace('<title>.+?', '<title>.+')}`);
}

const usual = (mode: RepositorySettings['mode']) => ({
  ...DEFAULT_SETTINGS,
  repositories: { NAME: { mode, withIssue: false, instructions: '' } },
});
/** The longest first: the shorter ones fit those as well. */
export const REPOSITORY_LINES = (['plan', 'direct', 'auto'] as const).flatMap((mode) =>
  ['ABOUT', null].map((description) => ({
    mode: mode === 'auto' ? null : mode,
    pattern: line(
      repositoryLine({ name: 'NAME', defaultBranch: 'BRANCH', description }, usual(mode)),
      { name: 'NAME', branch: 'BRANCH', ...(description !== null && { about: 'ABOUT' }) },
    ),
  })),
);

/** What follows the status or the repository (place in the queue, pull request) is in their groups. */
const task = { id: 'ID', title: 'TITLE', status: 'Queued', repository: 'REPOSITORY' } as const;
export const TASK_LINE = line(taskLineText({ ...task, pullRequest: null }, []), task);

const item = { id: '', taskId: 'ID', title: 'TITLE', repository: '', at: 0, outcome: null };
const options = [{ label: 'LABELS', description: '' }];
const asked = { question: 'QUESTION', header: '', options };
const plan = { id: '', text: '', hash: '', round: 7, previous: null };
const waiting = (one: InboxItem, samples: Record<string, string>) =>
  line(waitingText(one)[0] ?? '', { id: 'ID', title: 'TITLE', ...samples });
const question = (multiSelect: boolean) =>
  waiting(
    { ...item, kind: 'question', questionId: '', questions: [{ ...asked, multiSelect }] },
    { number: '1', question: 'QUESTION', labels: 'LABELS' },
  );
const planned = (...alternatives: string[]): InboxItem =>
  Object.assign({ kind: 'plan' as const, plan: { ...plan, alternatives } }, item);
export const QUESTION_LINES = { one: question(false), several: question(true) };
export const PLAN_LINES = [
  waiting(planned('LABELS'), { round: '7', labels: 'LABELS' }),
  waiting(planned(), { round: '7' }),
];
/** Stands between the labels of options and the names of alternatives. */
export const LABELS_BETWEEN = /ONE(.+)TWO/.exec(waitingText(planned('ONE', 'TWO'))[0] ?? '')?.[1];

/** Ends a message in which the main thread asks for words about what a task did. */
export const TASK_UPDATE = pattern(taskUpdate('FACTS'), { facts: 'FACTS' }, '\\s*$');

export const PLAN_CHANGES = pattern(changesMessage('TEXT'), { text: 'TEXT' });
export const PLAN_PICKED = pattern(pickedText('TEXT').trim(), { text: 'TEXT' }, '(?:\\n|$)');

const told = (decided: Decided) =>
  pattern(`\n\n${decisionNote(decided).trimEnd()}`, { text: 'TEXT' });
const ids = { id: '', toolUseId: '' };
/** What is told to a session that does not remember that it asked; ends the first prompt. */
export const TOLD = {
  answers: told({ ...ids, type: 'answer', answers: { TEXT: '' } }),
  plan: told({ ...ids, type: 'approval', plan: 'TEXT' }),
  changes: told({ ...ids, type: 'changes', text: 'TEXT' }),
};

const first = (resumed: boolean, restored: boolean) =>
  firstPrompt({ title: '', prompt: '' }, resumed, restored);
/** Texts of the runner that ask for nothing. */
export const GO_ON = [first(true, true), first(true, false)];
/** Follows the task where an earlier sandbox has begun it. */
export const BEGUN = first(false, true).trimStart();
/** Begins a message to a new sandbox; the person's words follow after an empty line. */
export const NEW_SANDBOX = [newSandboxNote(true), newSandboxNote(false)];
