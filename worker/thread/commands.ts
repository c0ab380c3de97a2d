import type { Attachment } from '../../protocol/attachment.ts';
import { MESSAGE_MAX_CHARS } from '../../protocol/message.ts';
import { INBOX_KINDS } from '../../protocol/inbox.ts';
import type { SettingsChange } from '../../protocol/settings.ts';
import { type TaskCommand, attachmentsIn, messagesIn } from '../../protocol/task-command.ts';
import type { Command } from '../../protocol/up.ts';
import { TooLarge } from '../platform/set-aside.ts';
import { askTask } from './ask-task.ts';
import type { ThreadAttachments } from './attachments.ts';
import type { ChangeLog } from './change-log.ts';
import type { CommandPace } from './pace.ts';
import type { ThreadPorts } from './ports.ts';
import { DISMISSED } from './scheduling/items.ts';
import type { Notifier } from './push/notifier.ts';
import type { Scheduler } from './scheduling/scheduler.ts';
import { changed } from './settings.ts';
import type { Responder } from './reply/responder.ts';
import type { CommandResult } from './storage/rows.ts';
import type { ThreadStore } from './storage/thread-store.ts';
import type { Turns } from './storage/turns.ts';

const NOT_FOUND: CommandResult = {
  is: 'refused',
  code: 'not_found',
  text: 'There is no such thing here.',
};

const DONE: CommandResult = { is: 'done', seq: null };

/** Does what the person's pages ask. The caller sees to it that a repeated command acts once. */
export class Commands {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #changeLog: ChangeLog;
  readonly #responder: Responder;
  readonly #scheduler: Scheduler;
  readonly #notifier: Notifier;
  readonly #attachments: ThreadAttachments;
  readonly #ports: () => ThreadPorts;
  readonly #pace: CommandPace;

  constructor(parts: {
    store: ThreadStore;
    turns: Turns;
    changeLog: ChangeLog;
    responder: Responder;
    scheduler: Scheduler;
    notifier: Notifier;
    attachments: ThreadAttachments;
    ports: () => ThreadPorts;
    pace: CommandPace;
  }) {
    this.#store = parts.store;
    this.#turns = parts.turns;
    this.#changeLog = parts.changeLog;
    this.#responder = parts.responder;
    this.#scheduler = parts.scheduler;
    this.#notifier = parts.notifier;
    this.#attachments = parts.attachments;
    this.#ports = parts.ports;
    this.#pace = parts.pace;
  }

  /** Carries a command out; its result is kept with its effect, in one transaction where the effect is ours. */
  async carryOut(command: Command, now: number): Promise<CommandResult> {
    const before = this.#store.commandResult(command.id);
    if (before !== null) return before;
    const tooFast = this.#pace.refusal(command, now);
    if (tooFast !== null) return { is: 'refused', code: 'not_possible_now', text: tooFast };
    switch (command.type) {
      case 'send':
        return this.#once(command.id, () => this.#send(command, now));
      case 'stop':
        return this.#once(command.id, () => {
          this.#responder.stop();
          return { is: 'done', seq: null };
        });
      case 'again':
        return this.#once(command.id, () => this.#again(command.messageId));
      case 'dismiss':
        return this.#once(command.id, () => this.#dismiss(command.itemId, now));
      case 'task':
        return this.#ask(command.id, command.taskId, command.command);
      case 'move_task':
        return this.#once(command.id, () =>
          this.#scheduler.move(command.taskId, command.position)
            ? { is: 'done', seq: this.#store.head() }
            : {
                is: 'refused',
                code: 'not_possible_now',
                text: 'This task does not wait in the queue.',
              },
        );
      case 'change_settings':
        return this.#once(command.id, () => this.#changeSettings(command.change, now));
      case 'put_device':
        return this.#once(command.id, () => {
          const text = this.#notifier.put(command.device, now);
          return text === null ? DONE : { is: 'refused', code: 'not_possible_now', text };
        });
      case 'remove_device':
        return this.#once(command.id, () =>
          this.#notifier.remove(command.deviceId) ? DONE : NOT_FOUND,
        );
      case 'test_device':
        return this.#once(command.id, () =>
          this.#notifier.test(command.deviceId, now) ? DONE : NOT_FOUND,
        );
      case 'test_received':
        return this.#once(command.id, () => {
          this.#notifier.received(command.deviceId, command.testId, now);
          return DONE;
        });
    }
  }

  #once(id: string, act: () => CommandResult): CommandResult {
    try {
      return this.#changeLog.change(() => {
        const result = act();
        if (result.is === 'done') this.#store.keepCommandResult(id, result);
        return result;
      });
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      const text = 'That is more than can be kept. Take something out of it first.';
      return { is: 'refused', code: 'too_long', text };
    }
  }

  #changeSettings(change: SettingsChange, now: number): CommandResult {
    const settings = changed(this.#store.settings, change, now);
    return typeof settings === 'string'
      ? { is: 'refused', code: 'not_possible_now', text: settings }
      : { is: 'done', seq: this.#changeLog.putSettings(settings, now).seq };
  }

  #send({ id, text, attachments: given = [] }: Sent, now: number): CommandResult {
    const refusal = unsendable(text, given);
    if (refusal !== null) return refusal;
    // A rebuilt conversation has its messages, but not what commands came to: a page sends it again.
    const before = this.#store.seqOfMessage(id);
    if (before !== null) return { is: 'done', seq: before };
    const attachments = this.#attachments.known(given.map((one) => one.id));
    if (!Array.isArray(attachments)) return attachments;
    this.#attachments.refer(attachments);
    const entry = this.#changeLog.addMessage({
      id,
      from: 'person',
      text,
      at: now,
      seq: 1,
      ...(attachments.length > 0 && { attachments }),
    });
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
    if (!INBOX_KINDS[item.kind].canDismiss) {
      const text = 'Its task waits for you: answer it, or cancel the task.';
      return { is: 'refused', code: 'not_possible_now', text };
    }
    const outcome = { by: 'person' as const, text: DISMISSED, at: now };
    return { is: 'done', seq: this.#changeLog.putInbox({ ...item, outcome }, now).seq };
  }

  async #ask(id: string, taskId: string, command: TaskCommand): Promise<CommandResult> {
    const refusal = messagesIn(command)
      .map((text) => unsendable(text, attachmentsIn(command)))
      .find((one) => one !== null);
    if (refusal !== undefined) return refusal;
    const attachments = this.#attachments.known(attachmentsIn(command).map((one) => one.id));
    if (!Array.isArray(attachments)) return attachments;
    const parts = { store: this.#store, scheduler: this.#scheduler, ports: this.#ports };
    // Before the task has them: what dies in between leaves a file too many, and none too few.
    const referred = this.#attachments.refer(attachments);
    const asked =
      command.do === 'message' && attachments.length > 0 ? { ...command, attachments } : command;
    const answer = await askTask(parts, taskId, { id, command: asked, by: { is: 'app' } });
    if (answer.is !== 'done') this.#attachments.letGo(referred, Date.now());
    switch (answer.is) {
      case 'not_found':
        return NOT_FOUND;
      case 'refused':
        return { is: 'refused', code: 'not_possible_now', text: answer.text };
      case 'done': {
        const done: CommandResult = { is: 'done', seq: null };
        this.#attachments.tookBack(answer.tookBack ?? [], Date.now());
        this.#store.keepCommandResult(id, done);
        return done;
      }
    }
  }
}

type Sent = Extract<Command, { type: 'send' }>;

/** Why a text cannot be sent, or null when it can. */
function unsendable(text: string, attached: readonly Attachment[]): CommandResult | null {
  if (text.trim() === '' && attached.length === 0) {
    return { is: 'refused', code: 'empty', text: 'There is nothing to send yet.' };
  }
  return text.length > MESSAGE_MAX_CHARS ? tooLong(text.length) : null;
}

const words = (count: number) => count.toLocaleString('en-US');

/** The refusal of a message that no model could read in one go. */
export function tooLong(length: number): Extract<CommandResult, { is: 'refused' }> {
  return {
    is: 'refused',
    code: 'too_long',
    text: `That message has ${words(length)} characters; at most ${words(MESSAGE_MAX_CHARS)} can be sent. Put long texts into a file of the repository and name it here.`,
  };
}
