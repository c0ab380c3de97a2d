import type { Feedback } from '../delivery/feedback.ts';

/** What is needed to answer a comment in its thread. */
export type FeedbackRef = Pick<Feedback, 'kind' | 'commentId' | 'id'>;

/** Something to be done outside of the task's object, kept until it was done or given up. */
export type OutboxEffect =
  | { do: 'dispatch'; attempt: number }
  | { do: 'stop_sandbox'; generation: number }
  /** Shows at the git host that feedback was seen. */
  | { do: 'acknowledge'; to: FeedbackRef }
  /** Answers feedback at the git host. */
  | { do: 'reply'; number: number; to: FeedbackRef; text: string }
  /** Closes the task's pull request or its issue, with a comment that says why. */
  | { do: 'close'; what: 'pull' | 'issue'; number: number; text: string | null }
  /** Has the repository's webhooks poke this task. */
  | { do: 'watch' }
  /** Deletes an upload from R2. */
  | { do: 'delete_checkpoint'; key: string }
  | { do: 'open_issue'; body: string }
  /** Both wait until the issue is there. */
  | { do: 'edit_issue'; body: string }
  | { do: 'comment_issue'; key: string; text: string };

/** An effect with its key, which makes it one of its kind: a later one under the same key takes its place. */
export type KeyedEffect = { key: string; effect: OutboxEffect };

/** Closes the task's pull request or its issue, with a comment that says why. */
export function closing(what: 'pull' | 'issue', number: number, text: string | null): KeyedEffect {
  const key = what === 'pull' ? 'close_pull_request' : 'close_issue';
  return { key, effect: { do: 'close', what, number, text } };
}
