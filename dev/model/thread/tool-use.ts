import * as z from 'zod/mini';
import type { ToolCall } from './tool-call.ts';
import { type Reply, say } from '../wire/reply.ts';
import type { Round } from '../wire/request.ts';
import type { Conversation } from './conversation.ts';
import { theOne } from './tasks.ts';

/** Calls tools of the main thread, with words before it. */
export function use(text: string, ...calls: ToolCall[]): Reply {
  return { text, calls };
}

export function roundOf(rounds: readonly Round[], name: ToolCall['name']): Round | undefined {
  return rounds.findLast((one) => one.name === name);
}

/** What a tool answered, as `schema` reads it; null when it refused or makes no sense. */
export function answerOf<Schema extends z.ZodMiniType>(schema: Schema, round?: Round) {
  try {
    return schema.safeParse(JSON.parse(round?.result ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}

/** Why a tool refused, in its own words; null when it did not. */
export function failureOf(round: Round): string | null {
  const { error } = answerOf(z.object({ error: z.string() }), round) ?? {};
  const words = error ?? (round.failed ? round.result : null);
  return words?.trim().replace(/[.!]*$/, '.') ?? null;
}

/** Calls a tool once, then says that it is done or why not. */
export function once({ rounds }: Conversation, call: ToolCall, done: string): Reply {
  const round = roundOf(rounds, call.name);
  return round === undefined ? use('', call) : say(failureOf(round) ?? done);
}

/** Acts on the open task that the words are about; asks when they fit none. */
export function act(
  talk: Conversation,
  about: string,
  callFor: (taskId: string) => ToolCall,
  done: (title: string) => string,
): Reply {
  const { openTasks } = talk.context;
  const task = theOne(/^(?:it|them|that|this|him|her)$/i.test(about) ? '' : about, openTasks);
  if (task !== null) return once(talk, callFor(task.id), done(`**${task.title}**`));
  const list = openTasks.map(({ title, status }) => `\n- **${title}**: ${status}`).join('');
  return say(`I do not know which task you mean. Open tasks:${list || ' none.'}`);
}
