import { MESSAGE_MAX_CHARS } from '../../protocol/message.ts';
import type { RefusalCode } from '../../protocol/down.ts';
import type { SettingsChange } from '../../protocol/settings.ts';
import type { Command } from '../../protocol/up.ts';
import type { z } from 'zod/mini';
import { log } from '../platform/log.ts';
import type { ChangeLog } from './change-log.ts';
import type { ThreadPorts } from './ports.ts';
import type { Scheduler } from './scheduling/scheduler.ts';
import { changed } from './settings.ts';
import type { Responder } from './reply/responder.ts';
import type { ThreadStore } from './storage/thread-store.ts';
import type { Turns } from './storage/turns.ts';
import type { TaskCommandResult } from '../tasks/api.ts';

/** What a command comes to: stored under a log number, or refused in plain words. */
export type CommandResult =
  | { is: 'done'; seq: number | null }
  | { is: 'refused'; code: z.infer<typeof RefusalCode>; text: string };

const APP = { is: 'app' } as const;

const NOT_FOUND: CommandResult = {
  is: 'refused',
  code: 'not_found',
  text: 'There is no such thing here.',
};

/** Does what the person's pages ask. The caller sees to it that a repeated command acts once. */
export class Commands {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #changeLog: ChangeLog;
  readonly #responder: Responder;
  readonly #scheduler: Scheduler;
  readonly #ports: () => ThreadPorts;

  constructor(parts: {
    store: ThreadStore;
    turns: Turns;
    changeLog: ChangeLog;
    responder: Responder;
    scheduler: Scheduler;
    ports: () => ThreadPorts;
  }) {
    this.#store = parts.store;
    this.#turns = parts.turns;
    this.#changeLog = parts.changeLog;
    this.#responder = parts.responder;
    this.#scheduler = parts.scheduler;
    this.#ports = parts.ports;
  }

  /** Answers a command; the answer is kept with its effect, in one transaction where the effect is ours. */
  async answer(command: Command, now: number): Promise<CommandResult> {
    const before = this.#store.commandResult(command.id);
    if (before !== null) return JSON.parse(before);
    switch (command.type) {
      case 'send':
        return this.#once(command.id, () => this.#send(command.id, command.text, now));
      case 'stop':
        return this.#once(command.id, () => {
          this.#responder.stop();
          return { is: 'done', seq: null };
        });
      case 'again':
        return this.#once(command.id, () => this.#again(command.messageId));
      case 'dismiss':
        return this.#once(command.id, () => this.#dismiss(command.itemId, now));
      case 'cancel_task':
        return this.#ask(command.id, command.taskId, (task) =>
          task.cancel(command.id, command.close),
        );
      case 'retry_task':
        return this.#ask(command.id, command.taskId, (task) =>
          task.retry(command.id, command.from),
        );
      case 'raise_budget':
        return this.#ask(command.id, command.taskId, (task) =>
          task.raiseBudget(command.id, command.limit),
        );
      case 'move_task':
        return this.#once(command.id, () =>
          this.#scheduler.move(command.taskId, command.position)
            ? { is: 'done', seq: this.#store.head() }
            : { is: 'refused', code: 'not_possible_now', text: 'This task waits for no turn.' },
        );
      case 'change_settings':
        return this.#once(command.id, () => this.#changeSettings(command.change, now));
      case 'message_task':
        return (
          unsendable(command.text) ??
          this.#ask(command.id, command.taskId, (task) =>
            task.message(command.id, command.text, command.when),
          )
        );
      case 'arrange_queue':
        return (
          command.messages.map(({ text }) => unsendable(text)).find((one) => one !== null) ??
          this.#ask(command.id, command.taskId, (task) =>
            task.arrangeQueue(command.id, command.messages),
          )
        );
      case 'interrupt_task':
        return this.#ask(command.id, command.taskId, (task) => task.interrupt(command.id));
      case 'merge_task':
        return this.#ask(command.id, command.taskId, (task) => task.merge(command.id));
      case 'set_task_model':
        return this.#ask(command.id, command.taskId, (task) =>
          task.setModel(command.id, command.model),
        );
      case 'answer_question':
        return this.#ask(command.id, command.taskId, (task) =>
          task.answer(command.id, command.questionId, command.answers, APP),
        );
      case 'decide_plan':
        return this.#ask(command.id, command.taskId, (task) =>
          task.decide(command.id, command.planId, command.hash, command.verdict, APP),
        );
    }
  }

  #once(id: string, act: () => CommandResult): CommandResult {
    return this.#changeLog.change(() => {
      const answer = act();
      if (answer.is === 'done') this.#store.keepCommandResult(id, JSON.stringify(answer));
      return answer;
    });
  }

  #changeSettings(change: SettingsChange, now: number): CommandResult {
    const settings = changed(this.#store.settings, change, now);
    return typeof settings === 'string'
      ? { is: 'refused', code: 'not_possible_now', text: settings }
      : { is: 'done', seq: this.#changeLog.putSettings(settings, now).seq };
  }

  #send(id: string, text: string, now: number): CommandResult {
    const refusal = unsendable(text);
    if (refusal !== null) return refusal;
    const entry = this.#changeLog.addMessage({ id, from: 'person', text, at: now, seq: 1 });
    this.#turns.add({ is: 'message', ids: [id] });
    return { is: 'done', seq: entry.seq };
  }

  #again(messageId: string): CommandResult {
    const reply = this.#store.reply(messageId);
    if (reply === null) return NOT_FOUND;
    if (reply.state.is !== 'cut' && reply.state.is !== 'failed') {
      return { is: 'refused', code: 'already_settled', text: 'That has been answered.' };
    }
    this.#turns.add({ is: 'again', replyId: messageId });
    return { is: 'done', seq: null };
  }

  #dismiss(itemId: string, now: number): CommandResult {
    const item = this.#store.inboxItem(itemId);
    if (item === null) return NOT_FOUND;
    if (item.outcome !== null) {
      const { text } = item.outcome;
      return { is: 'refused', code: 'already_settled', text: `That was settled before: ${text}.` };
    }
    if (item.kind === 'question' || item.kind === 'plan' || item.kind === 'budget') {
      const text = 'Its task waits for you: answer it, or cancel the task.';
      return { is: 'refused', code: 'not_possible_now', text };
    }
    const outcome = { by: 'person' as const, text: 'Dismissed', at: now };
    return { is: 'done', seq: this.#changeLog.putInbox({ ...item, outcome }, now).seq };
  }

  async #ask(
    id: string,
    taskId: string,
    ask: (task: ReturnType<ThreadPorts['task']>) => Promise<TaskCommandResult>,
  ): Promise<CommandResult> {
    const { personId } = this.#store;
    if (personId === null || this.#store.task(taskId) === null) return NOT_FOUND;
    // A repeat is harmless by the command's id; the first answer may be lost with the task's object.
    const askOnce = async (): Promise<TaskCommandResult> => {
      // One that was given up begins again whatever is asked of it.
      if ((await this.#scheduler.reach(taskId)) === 'begun') return { is: 'done' };
      return ask(this.#ports().task(personId, taskId));
    };
    const answer = await askOnce()
      .catch(askOnce)
      .catch((error: unknown) => {
        log.error('thread.task_not_reached', error, { taskId, commandId: id });
        const text = 'The task could not be reached. Try again in a moment.';
        return { is: 'refused', text } as const;
      });
    if (answer.is === 'refused') {
      return { is: 'refused', code: 'not_possible_now', text: answer.text };
    }
    const done: CommandResult = { is: 'done', seq: null };
    this.#store.keepCommandResult(id, JSON.stringify(done));
    return done;
  }
}

/** Why a text cannot be sent, or null when it can. */
function unsendable(text: string): CommandResult | null {
  if (text.trim() === '') {
    return { is: 'refused', code: 'empty', text: 'There is nothing to send yet.' };
  }
  return text.length > MESSAGE_MAX_CHARS ? tooLong(text.length) : null;
}

const words = (count: number) => count.toLocaleString('en-US');

/** The refusal of a message that no model could read in one go. */
export function tooLong(length: number): CommandResult {
  return {
    is: 'refused',
    code: 'too_long',
    text: `That message has ${words(length)} characters; at most ${words(MESSAGE_MAX_CHARS)} can be sent. Put long texts into a file of the repository and name it here.`,
  };
}
