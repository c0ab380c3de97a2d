import { boundedQuestionText } from '../../../protocol/event-bounds.ts';
import type { InboxItem } from '../../../protocol/inbox.ts';
import type { Repository } from '../../../protocol/repository.ts';
import type { Settings } from '../../../protocol/settings.ts';
import type { TaskQueue, TaskSummary } from '../../../protocol/task.ts';
import { repositorySettings } from '../settings.ts';
import { quoted, quotedJson } from './quote.ts';
import { estimateTokens } from './tokens.ts';

export type KnownNow = {
  repositories: readonly Repository[];
  openTasks: readonly TaskSummary[];
  /** What waits for the person. */
  openItems: readonly InboxItem[];
  settings: Settings;
  queue: TaskQueue;
  /** The rolling summary's text; null when there is none. */
  summary: string | null;
};

/** Most of one text in a list: a title, a question, a description. */
const TEXT_MAX_TOKENS = 200;
const LIST_MAX = 50;
/** No list fills more of the prompt. */
const LIST_MAX_SHARE = 0.12;
const SUMMARY_MAX_SHARE = 0.2;

function repositoryRow({ name, defaultBranch, description }: Repository, settings: Settings) {
  const { mode } = repositorySettings(settings, name);
  return {
    name,
    default_branch: defaultBranch,
    ...(mode !== 'auto' && { mode_unless_the_person_says_otherwise: mode }),
    ...(description !== null && { description }),
  };
}

function taskRow({ id, title, status, repository, pullRequest }: TaskSummary, queue: TaskQueue) {
  const place = queue.findIndex(({ taskId }) => taskId === id) + 1;
  return {
    id,
    title,
    status,
    repository,
    ...(place > 0 && { place_in_queue: place }),
    ...(pullRequest !== null && { pull_request: pullRequest.number }),
  };
}

/** What a task waits for, so that an answer in the conversation finds its way. */
function waitingRows(item: InboxItem): Record<string, unknown>[] {
  const task = { task_id: item.taskId, title: item.title };
  switch (item.kind) {
    case 'question':
      return item.questions.map(({ question, options, multiSelect }, at) => ({
        ...task,
        number: at + 1,
        // A push that is held is asked about with all that it changes.
        question: boundedQuestionText(question),
        options: options.map(({ label }) => label),
        ...(multiSelect && { several_possible: true }),
      }));
    case 'plan': {
      const { alternatives, round } = item.plan;
      return [{ ...task, plan_waits_for_approval: round, alternatives }];
    }
    case 'budget':
      return [{ ...task, budget_is_spent: item.limit, of: item.scope }];
    case 'alert':
      return [{ installation: item.title, alert: item.text }];
    case 'word':
      return [{ ...task, interrupted: 'waits for a word how to go on' }];
    case 'review': {
      const { checks, leftOpen } = item;
      const mend = [
        ...(checks.is === 'failed' ? ['checks'] : []),
        ...(leftOpen.conflicts ? ['conflicts'] : []),
        ...(leftOpen.comments.count > 0 ? ['comments'] : []),
      ];
      return mend.length === 0 ? [] : [{ ...task, in_review_but: mend }];
    }
    case 'failure':
      return [];
  }
}

/** The first rows, as many as there is room for. */
function fitting<Row>(rows: readonly Row[], maxTokens: number): Row[] {
  let left = maxTokens;
  return rows.slice(0, LIST_MAX).filter((row) => {
    left -= estimateTokens(quotedJson(row, TEXT_MAX_TOKENS));
    return left >= 0;
  });
}

/**
 * What is known now, for the beginning of a prompt's first user turn: all of it is data. Within its
 * bound, whatever stands in it.
 */
export function knownBlock(now: KnownNow, maxTokens: number): string {
  const { repositories, openTasks, openItems, settings, queue, summary } = now;
  const most = maxTokens * LIST_MAX_SHARE;
  const lists = {
    repositories: fitting(
      repositories.map((one) => repositoryRow(one, settings)),
      most,
    ),
    open_tasks: fitting(
      openTasks.map((one) => taskRow(one, queue)),
      most,
    ),
    waiting_for_the_person: fitting(openItems.flatMap(waitingRows), most),
  };
  const known = quoted('known', lists, TEXT_MAX_TOKENS);
  if (summary === null) return known;
  return `${known}\n${quoted('earlier', summary, maxTokens * SUMMARY_MAX_SHARE)}`;
}
