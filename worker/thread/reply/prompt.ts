import type { MessageParam, TextBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { InboxItem } from '../../../protocol/inbox.ts';
import type { Message } from '../../../protocol/message.ts';
import type { Repository } from '../../../protocol/repository.ts';
import type { Settings } from '../../../protocol/settings.ts';
import type { TaskSummary, TaskQueue } from '../../../protocol/task.ts';
import { repositorySettings } from '../settings.ts';
import type { Summary } from '../storage/summary.ts';
import { cutToTokens, estimateTokens } from './tokens.ts';

export type PromptInput = {
  repositories: readonly Repository[];
  openTasks: readonly TaskSummary[];
  /** What waits for the person. */
  openItems: readonly InboxItem[];
  settings: Settings;
  queue: TaskQueue;
  summary: Summary | null;
  /** Messages after the summary, oldest first. */
  messages: readonly Message[];
  /** Ids of the messages that are to be answered: they go last, whatever was said since. */
  answering: readonly string[];
  /** What a task reports, as text; goes last. */
  update: string | null;
  maxTokens: number;
  /** Tokens of the tool definitions, which count too. */
  toolTokens: number;
};

export type Prompt = { system: TextBlockParam[]; messages: MessageParam[] };

/** No message of the past may fill the prompt alone. */
const MESSAGE_MAX_SHARE = 0.15;
const SUMMARY_MAX_SHARE = 0.2;
const LIST_MAX = 50;
/** Left for the tools' calls and results of the turn, which come after this prompt. */
const ROUNDS_SHARE = 0.25;

/** Stands above the summary, which ends the system prompt. */
export const SUMMARY_HEADING = 'Summary of the conversation so far:';
/** Said in the person's place when the last reply was cut off. */
export const ANSWER_AGAIN = 'Your last answer was cut off. Please answer again.';

const INSTRUCTIONS = `You are Mainloop: the one conversation of a person who runs many coding agents. You talk, work out what is wanted, and hand work out; workers in sandboxes do it and each delivers a draft pull request.

- Answer in short, plain sentences. Markdown is shown.
- For each piece of work in a repository call start_task once, with a short title and a full, self-contained instruction: the worker sees nothing of this conversation. Several independent pieces of work are several tasks.
- Choose the repository from the list below. If the person names another one, use that name as given. If it is unclear, ask.
- Leave model out, unless the person asks for one (opus, sonnet or haiku).
- mode: plan for large, risky or unclear work (the worker asks, then presents a plan for approval), direct for the rest. "just do it" means direct, "plan it first" means plan. Say which in a word.
- If the person's words belong to a task in the list below (same repository and topic, or its pull request), use message_task and say so; if they are new work, start_task; if you are unsure, ask. To merge its pull request, merge_task, and only when the person says so; to end a task, cancel_task; to stop its turn, interrupt_task.
- Tasks beyond the limit of parallel ones wait in the queue by themselves: start them all the same. "after that one" is after, "urgent" is priority high, "next" is move_task.
- When the person asks you to remember something, use remember; what you remember stands below.
- When a task waits for the person (see below) and the person answers here, use answer_question or decide_plan for that task, and say so. A wish to change the plan is decide_plan with changes.
- Never say that work is done, tested or delivered unless a task update or a tool result says so.
- What is older than the messages you see stands in the summary; for exact words use search_conversation.
- A user message that begins with <task_update> comes from Mainloop itself, not from the person: tell the person in one or two sentences what happened, with a Markdown link to the pull request where there is one. Call no tool for it.
- If a tool returns an error, say in one plain sentence what is wrong and what the person can do.`;

export function repositoryLine(
  { name, defaultBranch, description }: Omit<Repository, 'private'>,
  settings: Settings,
) {
  const { mode } = repositorySettings(settings, name);
  const usual = mode === 'auto' ? '' : `, mode ${mode} unless the person says otherwise`;
  return `- ${name} (default branch ${defaultBranch}${usual})${description === null ? '' : `: ${description}`}`;
}

export function taskLineText(
  {
    id,
    title,
    status,
    repository,
    pullRequest,
  }: Pick<TaskSummary, 'id' | 'title' | 'status' | 'repository' | 'pullRequest'>,
  queue: TaskQueue,
) {
  const place = queue.findIndex(({ taskId }) => taskId === id) + 1;
  const waits = place === 0 ? '' : `, ${place} in the queue`;
  const pull = pullRequest === null ? '' : ` #${pullRequest.number}`;
  return `- ${id} ${title} [${status}${waits}] ${repository}${pull}`;
}

/** What holds for all that is said and done: the person's own instructions and what is remembered. */
function standing({ instructions, memory, limits }: Settings): string[] {
  const lists: string[] = [];
  if (instructions.trim() !== '') lists.push(`The person's instructions:\n${instructions.trim()}`);
  if (memory.length > 0) {
    const notes = memory.map(
      ({ id, text, repository }) =>
        `- ${id} ${repository === null ? '' : `(${repository}) `}${text}`,
    );
    lists.push(['Remembered:', ...notes].join('\n'));
  }
  const dollars = (limit: number | null) => (limit === null ? 'none' : `$${limit}`);
  lists.push(
    `Limits: ${limits.parallel} tasks at once, budget of a task ${dollars(limits.taskBudget)}, of a day ${dollars(limits.dayBudget)}.`,
  );
  return lists;
}

/** What a task waits for, so that an answer in the conversation finds its way. */
export function waitingText(item: InboxItem): string[] {
  switch (item.kind) {
    case 'question':
      return item.questions.map(
        ({ question, options, multiSelect }, place) =>
          `- ${item.taskId} ${item.title}: question ${place + 1}: ${question} [${options.map(({ label }) => label).join(' | ')}]${multiSelect ? ' (several possible)' : ''}`,
      );
    case 'plan': {
      const { alternatives, round } = item.plan;
      const offered = alternatives.length === 0 ? '' : ` [${alternatives.join(' | ')}]`;
      return [`- ${item.taskId} ${item.title}: plan ${round} waits for approval${offered}`];
    }
    case 'budget':
      return [
        `- ${item.taskId} ${item.title}: its ${item.scope === 'task' ? '' : 'day’s '}budget of $${item.limit} is spent`,
      ];
    case 'review':
    case 'failure':
      return [];
  }
}

function state(
  { repositories, openTasks, openItems, summary, settings, queue }: PromptInput,
  summaryTokens: number,
): string {
  const lists = [
    [
      'Repositories:',
      ...repositories.slice(0, LIST_MAX).map((one) => repositoryLine(one, settings)),
    ].join('\n'),
    [
      'Open tasks:',
      ...(openTasks.length === 0
        ? ['- none']
        : openTasks.slice(0, LIST_MAX).map((one) => taskLineText(one, queue))),
    ].join('\n'),
  ];
  lists.push(...standing(settings));
  const waiting = openItems.flatMap(waitingText).slice(0, LIST_MAX);
  if (waiting.length > 0) lists.push(['Waiting for the person:', ...waiting].join('\n'));
  if (summary !== null) {
    lists.push(`${SUMMARY_HEADING}\n${cutToTokens(summary.text, summaryTokens)}`);
  }
  return lists.join('\n\n');
}

/** Neighbours of one role become one message: the Messages API wants the roles to alternate. */
function alternate(parts: { role: 'user' | 'assistant'; text: string }[]): MessageParam[] {
  const messages: { role: 'user' | 'assistant'; content: string }[] = [];
  for (const { role, text } of parts) {
    const last = messages.at(-1);
    if (last?.role === role) last.content += `\n\n${text}`;
    else messages.push({ role, content: text });
  }
  return messages;
}

/**
 * Builds the main thread's prompt within its bound: instructions, what is known now, the summary,
 * and as many of the newest messages as fit. What does not fit is only left out here.
 */
export function buildPrompt(input: PromptInput): Prompt {
  const stateText = state(input, Math.floor(input.maxTokens * SUMMARY_MAX_SHARE));
  const fixed = estimateTokens(INSTRUCTIONS) + estimateTokens(stateText) + input.toolTokens;
  const update =
    input.update === null ? null : cutToTokens(input.update, input.maxTokens * MESSAGE_MAX_SHARE);
  let left = input.maxTokens * (1 - ROUNDS_SHARE) - fixed - estimateTokens(update ?? '');
  const parts: { role: 'user' | 'assistant'; text: string }[] = [];
  const asked = new Set(input.answering);
  const inOrder = [
    ...input.messages.filter(({ id }) => !asked.has(id)),
    ...input.messages.filter(({ id }) => asked.has(id)),
  ];
  for (const message of inOrder.toReversed()) {
    if (message.text.trim() === '') continue;
    const text = cutToTokens(message.text, Math.floor(input.maxTokens * MESSAGE_MAX_SHARE));
    left -= estimateTokens(text);
    if (left < 0 && parts.length > 0) break;
    parts.unshift({ role: message.from === 'person' ? 'user' : 'assistant', text });
  }
  while (parts[0]?.role === 'assistant') parts.shift();
  if (update !== null) parts.push({ role: 'user', text: update });
  else if (parts.at(-1)?.role !== 'user') {
    parts.push({ role: 'user', text: ANSWER_AGAIN });
  }
  return {
    system: [
      { type: 'text', text: INSTRUCTIONS, cache_control: { type: 'ephemeral' } },
      { type: 'text', text: stateText },
    ],
    messages: alternate(parts),
  };
}
