import type { Attachment } from '../../protocol/attachment.ts';
import { attachmentsIn } from '../../protocol/task-command.ts';
import type { Command } from '../../protocol/up.ts';

/** The files that go with a command. */
export function attachedTo(command: Command): readonly Attachment[] {
  if (command.type === 'send') return command.attachments ?? [];
  return command.type === 'task' ? attachmentsIn(command.command) : [];
}

/** What somebody wrote in a command; empty where it is no words. */
export function wordsIn(command: Command): string {
  if (command.type === 'send') return command.text;
  return command.type === 'task' && command.command.do === 'message' ? command.command.text : '';
}

/** Where words go: those to the same place stay in their order. Null for what is no words. */
export function laneOf(command: Command): string | null {
  if (command.type === 'send') return 'chat';
  return command.type === 'task' && command.command.do === 'message' ? command.taskId : null;
}
