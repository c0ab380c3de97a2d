import { ulid } from 'ulid';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { NotificationData, PushMessage } from '../../protocol/notification.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { Command } from '../../protocol/up.ts';

/** A push service takes 4,096 bytes; what is in there besides these texts needs less than half. */
const TITLE_MAX_CHARS = 100;
const BODY_MAX_CHARS = 200;
/** What fits on a button, and phones show two of them. */
const BUTTON_MAX_CHARS = 30;
const BUTTONS_MAX = 2;

type Button = { action: string; title: string; command: TaskCommand };

/** Workers wrote them: one line, without what turns the direction of all that follows. */
function line(text: string, maxChars: number): string {
  const plain = text
    // Marks of Markdown; `#7` is a number and stays.
    .replaceAll(/[*_`>]+|#+(?=\s)/g, '')
    .replaceAll(/[\p{Cc}\s\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .trim();
  const characters = Array.from(plain);
  return characters.length <= maxChars ? plain : `${characters.slice(0, maxChars - 1).join('')}…`;
}

const dollars = (amount: number) => `$${amount.toFixed(2).replace(/\.00$/, '')}`;

function checksWords(item: Extract<InboxItem, { kind: 'review' }>): string {
  switch (item.checks.is) {
    case 'none':
      return '';
    case 'passed':
      return ' Its checks pass.';
    case 'failed':
      return ` Its checks fail: ${item.checks.names.join(', ')}.`;
    case 'unfinished':
      return ' Its checks have not ended.';
  }
}

/** What stands in the way of a merge, before anything else is said of it. */
function leftOpenWords({ leftOpen }: Extract<InboxItem, { kind: 'review' }>): string {
  const { count } = leftOpen.comments;
  const conflicts = leftOpen.conflicts ? ' It conflicts with its base.' : '';
  return `${conflicts}${count === 0 ? '' : ` ${count === 1 ? 'A comment was' : `${count} comments were`} not given to its worker.`}`;
}

/** What is wanted of the person, in a sentence. */
function wanted(item: InboxItem): string {
  switch (item.kind) {
    case 'question': {
      const [first] = item.questions;
      const { length } = item.questions;
      return length === 1
        ? `Asks: ${first?.question ?? ''}`
        : `Asks ${length} questions, first: ${first?.question ?? ''}`;
    }
    case 'plan':
      return `${item.plan.round > 1 ? 'Has revised its plan' : 'Has a plan'}: ${item.plan.text}`;
    case 'review':
      return `Pull request #${item.pullRequest.number} is ready for review.${leftOpenWords(item)}${checksWords(item)}`;
    case 'budget':
      return item.scope === 'task'
        ? `Has spent its ${dollars(item.limit)} and waits.`
        : `Today’s ${dollars(item.limit)} are spent: tasks wait.`;
    case 'word':
      return 'Was interrupted, and waits for your word.';
    case 'failure':
      return `Failed: ${item.reason}`;
    case 'alert':
      return item.text;
  }
}

/** What can be decided without seeing more; what cannot be undone is not among it. */
function buttonsOf(item: InboxItem): Button[] {
  switch (item.kind) {
    case 'plan': {
      const { id: planId, hash, alternatives } = item.plan;
      const verdict = { is: 'approve', alternative: null } as const;
      const title = alternatives.length === 0 ? 'Approve' : 'Approve as planned';
      const command: TaskCommand = { do: 'decide', planId, hash, verdict };
      return [{ action: 'approve', title, command }];
    }
    case 'question': {
      const [question] = item.questions;
      if (question === undefined || item.questions.length > 1 || question.multiSelect) return [];
      const { options } = question;
      const fits = options.every(({ label }) => label.length <= BUTTON_MAX_CHARS);
      if (options.length > BUTTONS_MAX || !fits) return [];
      return options.map(({ label }, place) => ({
        action: `answer-${place}`,
        title: line(label, BUTTON_MAX_CHARS),
        command: {
          do: 'answer',
          questionId: item.questionId,
          answers: [{ chosen: [label], other: '' }],
        },
      }));
    }
    case 'failure':
      return [{ action: 'retry', title: 'Retry', command: { do: 'retry', from: 'checkpoint' } }];
    case 'review':
    case 'budget':
    case 'word':
    case 'alert':
      return [];
  }
}

const pageOf = (origin: string, item: InboxItem) => `${origin}/inbox/${item.id}`;
const tagOf = (item: InboxItem) => item.taskId ?? item.id;

function message(
  item: Pick<InboxItem, 'repository' | 'title'> & { tag: string; navigate: string },
  body: string,
  needs: number,
  more: {
    silent: boolean;
    actions: PushMessage['notification']['actions'];
    data: NotificationData;
  },
): PushMessage {
  const { repository, title, tag, navigate } = item;
  return {
    web_push: 8030,
    app_badge: needs,
    mutable: true,
    notification: {
      title: line(repository === null ? title : `${repository} · ${title}`, TITLE_MAX_CHARS),
      body: line(body, BODY_MAX_CHARS),
      tag,
      navigate,
      dir: 'auto',
      ...more,
    },
  };
}

/**
 * The notification of an item that needs the person. `origin` is where the device has the app;
 * `needs` counts all that need the person, for the badge.
 */
export function openedMessage(
  item: InboxItem,
  { origin, person }: { origin: string; person: string },
  needs: number,
): PushMessage {
  const { taskId } = item;
  const navigate = pageOf(origin, item);
  const buttons = taskId === null ? [] : buttonsOf(item);
  const commands: Record<string, Command> = {};
  for (const { action, command } of buttons) {
    commands[action] = { type: 'task', id: ulid(), taskId: taskId ?? '', command };
  }
  return message({ ...item, tag: tagOf(item), navigate }, wanted(item), needs, {
    silent: false,
    actions: buttons.map(({ action, title }) => ({ action, title, navigate })),
    data: { is: 'item', person, itemId: item.id, taskId, commands },
  });
}

/**
 * Takes the place of that notification. Browsers with a service worker close it; Safari, which would
 * take pushes that show nothing amiss, shows this one without a sound.
 */
export function settledMessage(item: InboxItem, origin: string, needs: number): PushMessage {
  const { id: itemId, taskId } = item;
  const body = item.outcome?.text ?? 'Settled';
  return message({ ...item, tag: tagOf(item), navigate: pageOf(origin, item) }, body, needs, {
    silent: true,
    actions: [],
    data: { is: 'settled', itemId, taskId },
  });
}

export function testMessage(
  { id: deviceId, origin }: { id: string; origin: string },
  testId: string,
  needs: number,
): PushMessage {
  const navigate = `${origin}/settings/notifications`;
  const item = { repository: null, title: 'Mainloop', tag: 'test', navigate };
  return message(item, 'Notifications reach this device.', needs, {
    silent: false,
    actions: [],
    data: { is: 'test', deviceId, testId },
  });
}
