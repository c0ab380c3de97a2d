import type { Installation } from '../../protocol/down.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { Message } from '../../protocol/message.ts';
import type { Device } from '../../protocol/push.ts';
import type { Repository } from '../../protocol/repository.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../protocol/settings.ts';
import type { TaskSummary, TaskQueue } from '../../protocol/task.ts';
import type { Command } from '../../protocol/up.ts';
import type { PendingCommand } from '../net/kept-command.ts';
import type { LineState } from '../net/live-socket.ts';
import type { z } from 'zod/mini';

type WithoutId<T> = T extends { id: string } ? Omit<T, 'id'> : never;
/** A command as the pages give it; its id is made when it is sent. */
export type NewCommand = WithoutId<Command>;

/** A command that the server refused, with the sentence for the person. */
export type Refusal = { command: Command | null; text: string };

/** A command that waits so that it can be taken back; `words` say what it does. */
export type HeldCommand = { id: string; command: NewCommand; words: string; until: number };

/**
 * A stretch of the conversation away from its end: where a person has jumped to. It grows at both
 * ends, and becomes one with the newest messages when it reaches them.
 */
type Passage = { messages: Message[]; hasOlder: boolean };

/** All that the pages show. */
export type State = {
  connection: LineState;
  signedOut: boolean;
  /**
   * What there is to show: nothing yet, what was kept from the last time, or what the server has said
   * on this connection or an earlier one of this page.
   */
  shown: 'nothing' | 'kept' | 'live';
  /** When the line was last up; null before it ever was. */
  asOf: number | null;
  /** A newer page is installed and waits to be loaded. */
  outdated: boolean;
  installation: z.infer<typeof Installation> | null;
  /** The last log number that is folded in; null before the first snapshot. */
  cursor: number | null;
  /** Oldest first, by `seq`. */
  messages: Message[];
  hasOlder: boolean;
  /** Where the person has jumped to, away from the newest messages; null while those are shown. */
  passage: Passage | null;
  tasks: Record<string, TaskSummary>;
  inbox: Record<string, InboxItem>;
  repositories: Repository[];
  settings: Settings;
  /** Tasks that wait for a slot, the next one first. */
  queue: TaskQueue;
  /** Devices that are told what needs the person, and the key to subscribe with; null until it is known. */
  devices: { applicationServerKey: string; list: Device[] } | null;
  /** From when to when no page of this person's was in sight, for hours; null once that was seen. */
  away: { since: number; until: number } | null;
  /** What was spent today (UTC), in US dollars; null until it is known. */
  spending: { day: string; cost: number } | null;
  pending: PendingCommand[];
  /** What cannot be undone once it is sent, and is sent when its time comes. */
  held: HeldCommand[];
  /** Items about which a decision of this page was taken, the newest last; what came of it may not be known yet. */
  decided: string[];
  refusals: Refusal[];
};

export function emptyState(): State {
  return {
    connection: 'Reconnecting',
    signedOut: false,
    shown: 'nothing',
    asOf: null,
    outdated: false,
    installation: null,
    cursor: null,
    messages: [],
    hasOlder: false,
    passage: null,
    tasks: {},
    inbox: {},
    repositories: [],
    settings: DEFAULT_SETTINGS,
    queue: [],
    devices: null,
    away: null,
    spending: null,
    pending: [],
    held: [],
    decided: [],
    refusals: [],
  };
}
