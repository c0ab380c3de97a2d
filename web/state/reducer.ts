import type { Down } from '../../protocol/down.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { Message } from '../../protocol/message.ts';
import { settles } from './on-its-way.ts';
import { changeInPassage } from './passage.ts';
import type { State } from './state.ts';

/** Decisions that are remembered: far more than are on their way at a time. */
const DECIDED_MAX = 100;
/** Nobody asks what happened while they had lunch. */
export const AWAY_MS = 3 * 60 * 60_000;

/** Puts a message in its place: instead of its earlier version, or by its number. */
function placeMessage(messages: Message[], message: Message): void {
  const known = messages.findLastIndex((one) => one.id === message.id);
  if (known !== -1) {
    // In its place: what shows it stays, and changes what has changed.
    Object.assign(messages[known] ?? {}, message);
    return;
  }
  const before = messages.findLastIndex((one) => one.seq < message.seq);
  messages.splice(before + 1, 0, message);
}

function applyEntry(state: State, { seq, change }: LogEntry): void {
  // Seen already: entries are folded once, in order.
  if (state.cursor !== null && seq <= state.cursor) return;
  state.cursor = seq;
  switch (change.type) {
    case 'message': {
      changeInPassage(state, change.message);
      const oldest = state.messages[0];
      // A change of a message that is not paged in yet comes with its page.
      if (state.hasOlder && oldest !== undefined && change.message.seq < oldest.seq) return;
      placeMessage(state.messages, change.message);
      return;
    }
    case 'task':
      state.tasks[change.task.id] = change.task;
      return;
    case 'inbox':
      state.inbox[change.item.id] = change.item;
      return;
    case 'settings':
      state.settings = change.settings;
      return;
    case 'queue':
      state.queue = change.queue;
      return;
  }
}

/** Folds one frame of the server into the state. The only way in which it changes what is shown. */
export function reduce(state: State, frame: Down): void {
  switch (frame.type) {
    case 'welcome':
      state.installation = frame.installation;
      return;
    case 'snapshot': {
      const { seq, messages, hasOlder, tasks, inbox, settings, queue } = frame.snapshot;
      state.cursor = seq;
      state.messages = messages;
      state.hasOlder = hasOlder;
      state.tasks = Object.fromEntries(tasks.map((task) => [task.id, task]));
      state.inbox = Object.fromEntries(inbox.map((item) => [item.id, item]));
      state.settings = settings;
      state.queue = queue;
      state.shown = 'live';
      return;
    }
    case 'snapshot_more':
      for (const task of frame.tasks) state.tasks[task.id] = task;
      for (const item of frame.inbox) state.inbox[item.id] = item;
      return;
    case 'entries':
      for (const entry of frame.entries) applyEntry(state, entry);
      state.shown = 'live';
      return;
    case 'delta': {
      const message = state.messages.findLast((one) => one.id === frame.messageId);
      if (message === undefined || message.from !== 'mainloop') return;
      if (message.state.is !== 'streaming' || frame.offset > message.text.length) return;
      message.text = message.text.slice(0, frame.offset) + frame.text;
      return;
    }
    case 'progress': {
      const task = state.tasks[frame.taskId];
      if (task === undefined) return;
      task.note = frame.note;
      task.usage = frame.usage;
      task.changes = frame.changes;
      return;
    }
    case 'spending':
      state.spending = { day: frame.day, cost: frame.cost };
      return;
    case 'repositories':
      state.repositories = frame.repositories;
      // It comes after all that was missed, which may have been nothing.
      if (state.cursor !== null) state.shown = 'live';
      return;
    case 'devices':
      state.devices = { applicationServerKey: frame.applicationServerKey, list: frame.devices };
      return;
    case 'away':
      // What was told of a longer absence stays until it was seen.
      if (frame.since !== null && frame.at - frame.since >= AWAY_MS) {
        state.away = { since: frame.since, until: frame.at };
      }
      return;
    case 'ack': {
      const taken = state.pending.find((one) => one.command.id === frame.id);
      state.pending = state.pending.filter((one) => one !== taken);
      if (taken === undefined) return;
      const settled = Object.values(state.inbox)
        .filter((item) => item.outcome === null && settles(taken.command, item))
        .map(({ id }) => id);
      state.decided = [...state.decided, ...settled].slice(-DECIDED_MAX);
      return;
    }
    case 'refused': {
      const refused = state.pending.find((one) => one.command.id === frame.id);
      state.pending = state.pending.filter((one) => one !== refused);
      state.refusals.push({ command: refused?.command ?? null, text: frame.text });
      return;
    }
  }
}
