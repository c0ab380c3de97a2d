import type { MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { ulid } from 'ulid';
import type { MainloopMessage } from '../../../protocol/message.ts';
import type { UsageRow } from '../../history/rows.ts';
import { log } from '../../platform/log.ts';
import type { ChangeLog } from '../change-log.ts';
import { callModel } from './model-call.ts';
import { type ModelFailure, answerFailure, failureSentence } from './model-failure.ts';
import { noticeSentence, noticeUpdate } from './notice.ts';
import type { ThreadPorts } from '../ports.ts';
import { buildPrompt } from './prompt.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import { cutToTokens, estimateTokens } from './tokens.ts';
import type { ToolRunner } from './tool-runner.ts';
import { TOOLS } from './tools.ts';
import type { Turn, Turns } from '../storage/turns.ts';
import { usageRow } from '../../models/usage.ts';

const ROUNDS_MAX = 8;
const REPLY_MAX_TOKENS = 4_096;
/** No further round is begun with less room than this in the prompt. */
const ROUND_MIN_TOKENS = 1_000;
/** A result that there is no room for says at least this much: that it was done, or why not. */
const RESULT_MIN_TOKENS = 200;
const SAVE_EVERY_MS = 1_000;
const sizeOf = (value: unknown) => estimateTokens(JSON.stringify(value));
const TOOL_TOKENS = sizeOf(TOOLS);

export type ResponderSettings = { model: string; maxPromptTokens: number };

/** Speaks: one reply at a time, streamed, saved as it grows, ended in every case. */
export class Responder {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #changeLog: ChangeLog;
  readonly #toolRunner: ToolRunner;
  readonly #ports: () => ThreadPorts;
  readonly #settings: ResponderSettings;
  readonly #prepare: () => Promise<void>;
  readonly #onDelta: (messageId: string, offset: number, text: string) => void;
  readonly #onUsage: (row: UsageRow) => void;
  #speaking: { replyId: string; abort: AbortController; text: string } | null = null;

  constructor(parts: {
    store: ThreadStore;
    turns: Turns;
    changeLog: ChangeLog;
    toolRunner: ToolRunner;
    ports: () => ThreadPorts;
    settings: ResponderSettings;
    /** Waited for before each reply. */
    prepare: () => Promise<void>;
    onDelta: (messageId: string, offset: number, text: string) => void;
    onUsage: (row: UsageRow) => void;
  }) {
    this.#store = parts.store;
    this.#turns = parts.turns;
    this.#changeLog = parts.changeLog;
    this.#toolRunner = parts.toolRunner;
    this.#ports = parts.ports;
    this.#settings = parts.settings;
    this.#prepare = parts.prepare;
    this.#onDelta = parts.onDelta;
    this.#onUsage = parts.onUsage;
  }

  /** The reply that grows now and all of its text, for a client that comes in the middle. */
  get speaking(): { replyId: string; text: string } | null {
    return this.#speaking;
  }

  /** Ends the reply that streams now. */
  stop(): void {
    this.#speaking?.abort.abort();
  }

  /** A card for a task that this reply started. */
  addTask(replyId: string, taskId: string): void {
    const reply = this.#store.reply(replyId);
    if (reply === null || reply.taskIds.includes(taskId)) return;
    const text = this.#speaking?.replyId === replyId ? this.#speaking.text : reply.text;
    this.#changeLog.updateMessage(
      { ...reply, text, taskIds: [...reply.taskIds, taskId] },
      Date.now(),
    );
  }

  /** Replies that an earlier life of this object left in the middle: each is shown as what it is. */
  endCutTurns(): void {
    for (let turn = this.#turns.running(); turn !== null; turn = this.#turns.running()) {
      const cut = turn;
      try {
        this.#changeLog.change(() => this.#endCut(cut));
      } catch (error) {
        // It must not be met again at every start: the conversation would never open.
        log.error('thread.turn_not_ended', error, { replyId: cut.replyId });
        this.#turns.end(cut);
      }
    }
  }

  #endCut(turn: Turn): void {
    const reply = turn.replyId === null ? null : this.#store.reply(turn.replyId);
    if (reply?.state.is === 'streaming') {
      this.#end(
        turn.cause.is === 'notice'
          ? {
              ...reply,
              text: noticeSentence(turn.cause.task, turn.cause.notice),
              state: { is: 'done' },
            }
          : { ...reply, state: { is: 'cut', why: 'restarted' } },
      );
    }
    this.#turns.end(turn);
  }

  /** Answers everything that waits, in order. */
  async answerAll(): Promise<void> {
    if (this.#speaking !== null) return;
    try {
      for (let turn = this.#turns.next(); turn !== null; turn = this.#turns.next()) {
        await this.#answer(turn);
      }
    } finally {
      this.#speaking = null;
    }
  }

  async #answer(next: Turn): Promise<void> {
    const now = Date.now();
    const replyId = ulid(now);
    const speaking = { replyId, abort: new AbortController(), text: '' };
    this.#speaking = speaking;
    const turn = this.#changeLog.change(() => {
      const begun = this.#turns.begin(next, replyId);
      this.#changeLog.addMessage({
        id: replyId,
        from: 'mainloop',
        text: '',
        at: now,
        seq: 1,
        state: { is: 'streaming' },
        taskIds: [],
      });
      return begun;
    });
    let end: Pick<MainloopMessage, 'state'> & { text?: string };
    try {
      end = await this.#speak(turn, replyId);
    } catch (error) {
      log.error('thread.turn_failed', error, { replyId });
      end = { state: { is: 'failed', error: 'Something went wrong on this side. Ask again.' } };
    }
    if (turn.cause.is === 'notice' && end.state.is !== 'done') {
      // What a task has to say is said in every case.
      end = { state: { is: 'done' }, text: noticeSentence(turn.cause.task, turn.cause.notice) };
    }
    this.#changeLog.change(() => {
      const reply = this.#store.reply(replyId);
      if (reply !== null) this.#end({ ...reply, text: speaking.text, ...end });
      this.#turns.end(turn);
    });
    this.#speaking = null;
  }

  #end(reply: MainloopMessage): void {
    this.#changeLog.updateMessage(reply, Date.now());
  }

  async #speak(turn: Turn, replyId: string): Promise<Pick<MainloopMessage, 'state'>> {
    const { cause } = turn;
    await this.#prepare();
    const waiting = new Set(this.#turns.waiting());
    const { system, messages } = buildPrompt({
      repositories: this.#store.repositories.list,
      openTasks: this.#store.tasks(true, 100),
      openItems: this.#store.inbox(true, 50),
      settings: this.#store.settings,
      queue: this.#store.queue,
      summary: this.#store.summary,
      messages: this.#store
        .messagesAfter(this.#store.summary?.upTo ?? 0)
        // What nobody has begun to answer has a turn of its own.
        .filter(({ id }) => id !== replyId && !waiting.has(id)),
      answering: cause.is === 'message' ? cause.ids : [],
      update: cause.is === 'notice' ? noticeUpdate(cause.task, cause.notice) : null,
      maxTokens: this.#settings.maxPromptTokens,
      toolTokens: TOOL_TOKENS,
    });
    let left = this.#settings.maxPromptTokens - TOOL_TOKENS - sizeOf(system) - sizeOf(messages);
    for (let round = 1; round <= ROUNDS_MAX && (round === 1 || left > ROUND_MIN_TOKENS); round++) {
      const answer = await callModel(
        this.#ports().model,
        {
          model: this.#settings.model,
          max_tokens: REPLY_MAX_TOKENS,
          system,
          messages,
          tools: TOOLS,
        },
        this.#speaking?.abort.signal ?? AbortSignal.abort(),
        (text) => this.#say(replyId, text),
      );
      if (answer.is === 'failed') return failedState(answer.failure);
      const { message } = answer;
      this.#onUsage(usageRow(this.#settings.model, message.usage, Date.now()));
      const calls = message.content.filter((block) => block.type === 'tool_use');
      const isEmpty = calls.length === 0 && this.#saidNothing(replyId);
      const failure = answerFailure(message.stop_reason, isEmpty);
      if (failure !== null) return failedState(failure);
      if (calls.length === 0) return { state: { is: 'done' } };
      messages.push({ role: 'assistant', content: message.content } satisfies MessageParam);
      left -= sizeOf(message.content);
      const results: ToolResultBlockParam[] = [];
      for (const call of calls) {
        const result = await this.#toolRunner.run(replyId, call.id, call.name, call.input);
        // Never all that is left: the next call's result needs room too.
        const content = cutToTokens(result.text, Math.max(RESULT_MIN_TOKENS, left / 2));
        left -= sizeOf(content);
        results.push({
          type: 'tool_result',
          tool_use_id: call.id,
          content,
          is_error: result.isError,
        });
      }
      messages.push({ role: 'user', content: results });
      if (this.#speaking?.text && !this.#speaking.text.endsWith('\n\n')) this.#say(replyId, '\n\n');
    }
    return this.#saidNothing(replyId) ? failedState({ is: 'empty' }) : { state: { is: 'done' } };
  }

  /** True when the reply would be an empty bubble: no word, and no task's card either. */
  #saidNothing(replyId: string): boolean {
    const { taskIds } = this.#store.reply(replyId) ?? { taskIds: [] };
    return (this.#speaking?.text.trim() ?? '') === '' && taskIds.length === 0;
  }

  #lastSaved = 0;

  /** Everyone sees it at once; it is on disk within a second. */
  #say(replyId: string, text: string): void {
    const speaking = this.#speaking;
    if (speaking === null || speaking.replyId !== replyId) return;
    const offset = speaking.text.length;
    speaking.text += text;
    this.#onDelta(replyId, offset, text);
    const now = Date.now();
    if (now - this.#lastSaved < SAVE_EVERY_MS) return;
    this.#lastSaved = now;
    const reply = this.#store.reply(replyId);
    if (reply !== null) this.#store.putMessage({ ...reply, text: speaking.text });
  }
}

function failedState(failure: ModelFailure): Pick<MainloopMessage, 'state'> {
  return failure.is === 'stopped'
    ? { state: { is: 'cut', why: 'stopped' } }
    : { state: { is: 'failed', error: failureSentence(failure) } };
}
