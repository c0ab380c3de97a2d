import type { MessageParam, TextBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { Message } from '../../protocol/message.ts';
import type { Repository } from '../../protocol/repository.ts';
import type { TaskLine } from '../../protocol/task.ts';
import { cutToTokens, estimateTokens } from './tokens.ts';

/** The rolling summary, and the log number of the last message that is in it. */
export type Summary = { text: string; upTo: number };

export type PromptInput = {
  repositories: readonly Repository[];
  openTasks: readonly TaskLine[];
  summary: Summary | null;
  /** Messages after the summary, oldest first. */
  messages: readonly Message[];
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

const INSTRUCTIONS = `You are Mainloop: the one conversation of a person who runs many coding agents. You talk, work out what is wanted, and hand work out; workers in sandboxes do it and each delivers a draft pull request.

- Answer in short, plain sentences. Markdown is shown.
- For each piece of work in a repository call start_task once, with a short title and a full, self-contained instruction: the worker sees nothing of this conversation. Several independent pieces of work are several tasks.
- Choose the repository from the list below. If the person names another one, use that name as given. If it is unclear, ask.
- Leave model out, unless the person asks for one (opus, sonnet or haiku).
- If the person speaks to a task that is open, use message_task; to end one, cancel_task. Look up ids with list_tasks.
- Never say that work is done, tested or delivered unless a task update or a tool result says so.
- What is older than the messages you see stands in the summary; for exact words use search_conversation.
- A user message that begins with <task_update> comes from Mainloop itself, not from the person: tell the person in one or two sentences what happened, with a Markdown link to the pull request where there is one. Call no tool for it.
- If a tool returns an error, say in one plain sentence what is wrong and what the person can do.`;

function repositoryLine({ name, defaultBranch, description }: Repository): string {
  return `- ${name} (default branch ${defaultBranch})${description === null ? '' : `: ${description}`}`;
}

function taskLineText({ id, title, status, repository }: TaskLine): string {
  return `- ${id} ${title} [${status}] ${repository}`;
}

function state({ repositories, openTasks, summary }: PromptInput, summaryTokens: number): string {
  const lists = [
    ['Repositories:', ...repositories.slice(0, LIST_MAX).map(repositoryLine)].join('\n'),
    [
      'Open tasks:',
      ...(openTasks.length === 0 ? ['- none'] : openTasks.slice(0, LIST_MAX).map(taskLineText)),
    ].join('\n'),
  ];
  if (summary !== null) {
    lists.push(`Summary of the conversation so far:\n${cutToTokens(summary.text, summaryTokens)}`);
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
  for (const message of input.messages.toReversed()) {
    if (message.text.trim() === '') continue;
    const text = cutToTokens(message.text, Math.floor(input.maxTokens * MESSAGE_MAX_SHARE));
    left -= estimateTokens(text);
    if (left < 0 && parts.length > 0) break;
    parts.unshift({ role: message.from === 'person' ? 'user' : 'assistant', text });
  }
  while (parts[0]?.role === 'assistant') parts.shift();
  if (update !== null) parts.push({ role: 'user', text: update });
  else if (parts.at(-1)?.role !== 'user') {
    parts.push({ role: 'user', text: 'Your last answer was cut off. Please answer again.' });
  }
  return {
    system: [
      { type: 'text', text: INSTRUCTIONS, cache_control: { type: 'ephemeral' } },
      { type: 'text', text: stateText },
    ],
    messages: alternate(parts),
  };
}
