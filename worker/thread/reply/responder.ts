import type { MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { ulid } from 'ulid';
import type { MainloopMessage } from '../../../protocol/message.ts';
import type { UsageRow } from '../../history/rows.ts';
import { log } from '../../platform/log.ts';
import type { ChangeLog } from '../change-log.ts';
import { begunBy } from './begun-by.ts';
import { afterRestart } from './after-restart.ts';
import { readAttached, sizeOf } from './attached.ts';
import { CarriedOut, doneSentence, withCarriedOut } from './carried-out.ts';
import { type ModelAnswer, callModel } from './model-call.ts';
import { type ModelFailure, answerFailure, failureSentence } from './model-failure.ts';
import { noticeSentence, noticeUpdate } from './notice.ts';
import type { ThreadPorts } from '../ports.ts';
import { buildPrompt } from './prompt.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import { cutToTokens } from './tokens.ts';
import type { ToolCalls } from '../storage/tool-calls.ts';
import type { ToolRounds } from './tool-rounds.ts';
import { toolsFor } from './tools.ts';
import type { Turn, Turns } from '../storage/turns.ts';
import { usageRow } from '../../models/usage.ts';

const ROUNDS_MAX = 8;
/** Room for the calls that start a hundred tasks. */
const REPLY_MAX_TOKENS = 32_000;
/** No further round is begun with less room than this in the prompt. */
const ROUND_MIN_TOKENS = 1_000;
/** A result that there is no room for says at least this much: that it was done, or why not. */
const RESULT_MIN_TOKENS = 200;
const SAVE_EVERY_MS = 1_000;

export type ResponderSettings = { model: string; maxPromptTokens: number; silenceMs: number };

/** How a reply ends; `text` in place of what was said. */
type End = Pick<MainloopMessage, 'state'> & { text?: string };

/** Speaks: one reply at a time, streamed, saved as it grows, ended in every case. */
export class Responder {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #changeLog: ChangeLog;
  readonly #calls: ToolCalls;
  readonly #rounds: ToolRounds;
  readonly #ports: () => ThreadPorts;
  readonly #settings: ResponderSettings;
  readonly #prepare: () => Promise<void>;
  readonly #onDelta: (messageId: string, offset: number, text: string) => void;
  readonly #onUsage: (row: UsageRow) => void;
  readonly #onAnswer: (answer: ModelAnswer) => void;
  #speaking: { replyId: string; abort: AbortController; text: string } | null = null;

  constructor(parts: {
    store: ThreadStore;
    turns: Turns;
    changeLog: ChangeLog;
    calls: ToolCalls;
    rounds: ToolRounds;
    ports: () => ThreadPorts;
    settings: ResponderSettings;
    /** Waited for before each reply. */
    prepare: () => Promise<void>;
    onDelta: (messageId: string, offset: number, text: string) => void;
    onUsage: (row: UsageRow) => void;
    onAnswer: (answer: ModelAnswer) => void;
  }) {
    this.#store = parts.store;
    this.#turns = parts.turns;
    this.#changeLog = parts.changeLog;
    this.#calls = parts.calls;
    this.#rounds = parts.rounds;
    this.#ports = parts.ports;
    this.#settings = parts.settings;
    this.#prepare = parts.prepare;
    this.#onDelta = parts.onDelta;
    this.#onUsage = parts.onUsage;
    this.#onAnswer = parts.onAnswer;
  }

  /** The reply that grows now and all of its text, for a client that comes in the middle. */
  get speaking(): { replyId: string; text: string } | null {
    return this.#speaking;
  }

  /** Ends the reply that streams now. */
  stop(): void {
    this.#speaking?.abort.abort();
  }

  /** Cards for tasks that this reply started. Call inside the change log's `change`. */
  addTasks(replyId: string, taskIds: readonly string[]): void {
    const reply = this.#store.reply(replyId);
    const added = taskIds.filter((id) => !reply?.taskIds.includes(id));
    if (reply === null || added.length === 0) return;
    const text = this.#speaking?.replyId === replyId ? this.#speaking.text : reply.text;
    this.#end({ ...reply, text, taskIds: [...reply.taskIds, ...added] });
  }

  /** Answers everything that waits, in order; first what an earlier life left in the middle. */
  async answerAll(): Promise<void> {
    if (this.#speaking !== null) return;
    const next = () => this.#turns.running() ?? this.#turns.next();
    try {
      for (let turn = next(); turn !== null; turn = next()) await this.#answer(turn);
    } finally {
      this.#speaking = null;
    }
  }

  async #answer(next: Turn): Promise<void> {
    const now = Date.now();
    const replyId = next.replyId ?? ulid(now);
    const speaking = { replyId, abort: new AbortController(), text: '' };
    this.#speaking = speaking;
    const turn = next.replyId === null ? this.#begin(next, replyId, now) : next;
    let end: End;
    try {
      const found = next.replyId === null ? null : this.#takeUp(next, replyId);
      end = found === null ? await this.#speak(turn, replyId) : await found();
    } catch (error) {
      log.error('thread.turn_failed', error, { replyId });
      end = { state: { is: 'failed', error: 'Something went wrong on this side. Ask again.' } };
    }
    if (turn.cause.is === 'notice' && end.state.is !== 'done') {
      // What a task has to say is said in every case.
      end = { state: { is: 'done' }, text: noticeSentence(turn.cause.task, turn.cause.notice) };
    }
    try {
      this.#changeLog.change(() => {
        const reply = this.#store.reply(replyId);
        if (reply?.state.is === 'streaming') {
          this.#end({ ...reply, ...end, text: end.text ?? this.#withDone(replyId, end) });
        }
        this.#turns.end(turn);
      });
    } catch (error) {
      // It must not be met again and again: nothing that comes after it would be answered.
      log.error('thread.turn_not_ended', error, { replyId });
      this.#turns.end(turn);
    }
    this.#speaking = null;
  }

  #begin(next: Turn, replyId: string, now: number): Turn {
    return this.#changeLog.change(() => {
      const begun = this.#turns.begin(next, replyId);
      const { cause } = begun;
      if (cause.is === 'again') this.#calls.handOver(cause.replyId, replyId);
      this.#changeLog.addMessage({
        id: replyId,
        from: 'mainloop',
        text: '',
        at: now,
        seq: 1,
        state: { is: 'streaming' },
        taskIds: [],
        ...(cause.is === 'notice' && { about: cause.task.id }),
      });
      return begun;
    });
  }

  /** A reply that was left in the middle: how it ends, or null when it is given again. */
  #takeUp(turn: Turn, replyId: string): (() => Promise<End>) | null {
    const restarts = this.#turns.restart(turn);
    const reply = this.#store.reply(replyId);
    const cut: End = { state: { is: 'cut', why: 'restarted' } };
    switch (afterRestart(turn.cause, this.#calls.hasAny(replyId), restarts)) {
      case 'say_notice':
        return async () => cut;
      case 'end_as_cut':
        if (this.#speaking !== null) this.#speaking.text = reply?.text ?? '';
        return async () => {
          await this.#rounds.finish(replyId, begunBy(turn.cause));
          return cut;
        };
      case 'give_again':
        if (reply !== null) this.#changeLog.change(() => this.#end({ ...reply, text: '' }));
        return null;
    }
  }

  /** What was said; a reply that ends before its end says what it had done. */
  #withDone(replyId: string, { state }: End): string {
    const text = this.#speaking?.text ?? '';
    const done = state.is === 'done' ? null : doneSentence(this.#calls.of(replyId));
    return done === null ? text : `${text.trimEnd()}\n\n${done}`.trimStart();
  }

  #end(reply: MainloopMessage): void {
    this.#changeLog.updateMessage(reply, Date.now());
  }

  async #speak({ cause }: Turn, replyId: string): Promise<End> {
    await this.#prepare();
    const by = begunBy(cause);
    const tools = toolsFor(by);
    const toolTokens = sizeOf(tools);
    // What nobody has begun to answer has a turn of its own.
    const apart = new Set([replyId, ...this.#turns.waiting()]);
    const heard = this.#store.newestAfter(this.#store.summary?.upTo ?? 0, apart);
    const answering = cause.is === 'message' ? cause.ids : [];
    // News are told without looking at pictures again.
    const shown = cause.is === 'notice' ? [] : heard;
    const attached = await readAttached(shown, answering, this.#ports(), this.#store.personId);
    const prompt = buildPrompt({
      repositories: this.#store.repositories.list,
      openTasks: this.#store.tasks(true, 100),
      openItems: this.#store.inbox(true, 50),
      settings: this.#store.settings,
      queue: this.#store.queue,
      summary: this.#store.summary,
      messages: heard,
      attached,
      answering,
      update: cause.is === 'notice' ? noticeUpdate(cause.task, cause.notice) : null,
      maxTokens: this.#settings.maxPromptTokens,
      toolTokens,
    });
    const { system } = prompt;
    // What the reply that is asked for again has done stays done.
    const before = this.#calls.of(replyId);
    const carriedOut = new CarriedOut(before);
    const messages = withCarriedOut(prompt.messages, before);
    let left = this.#settings.maxPromptTokens - toolTokens - sizeOf(system) - sizeOf(messages);
    for (let round = 1; round <= ROUNDS_MAX && (round === 1 || left > ROUND_MIN_TOKENS); round++) {
      const answer = await callModel(
        this.#ports().model,
        {
          model: this.#settings.model,
          max_tokens: REPLY_MAX_TOKENS,
          system,
          messages,
          tools,
        },
        this.#speaking?.abort.signal ?? AbortSignal.abort(),
        (text) => this.#say(replyId, text),
        // Before any tool ran nothing hangs on what was said.
        round === 1 ? () => this.#takeBack(replyId) : null,
        this.#settings.silenceMs,
      );
      this.#onAnswer(answer);
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
      const done = await this.#rounds.runAll(replyId, by, calls, carriedOut);
      for (const [at, { text, isError: is_error }] of done.entries()) {
        // Never all that is left: the next call's result needs room too.
        const content = cutToTokens(text, Math.max(RESULT_MIN_TOKENS, left / 2));
        left -= sizeOf(content);
        const tool_use_id = calls[at]?.id ?? '';
        results.push({ type: 'tool_result', tool_use_id, content, is_error });
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

  /** What was said is said anew: the next piece of text begins at the beginning again. */
  #takeBack(replyId: string): void {
    if (this.#speaking?.replyId === replyId) this.#speaking.text = '';
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

function failedState(failure: ModelFailure): End {
  return failure.is === 'stopped'
    ? { state: { is: 'cut', why: 'stopped' } }
    : { state: { is: 'failed', error: failureSentence(failure) } };
}
