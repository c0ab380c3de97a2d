import { describe, expect, it } from 'vitest';
import { type InboxItem, NOTHING_LEFT } from '../../protocol/inbox.ts';
import { PushMessage } from '../../protocol/notification.ts';
import { openedMessage, settledMessage, testMessage } from './message.ts';

const ID = '01JD000000000000000000000A';
const TASK = '01JD000000000000000000000B';
const HASH = 'a'.repeat(64);
const TO = { origin: 'https://mainloop.example.com', person: 'ana@example.com' };

const base = {
  id: ID,
  taskId: TASK,
  title: 'Dark mode',
  repository: 'acme/site',
  at: 1,
  outcome: null,
};
const plan = (more: Partial<Extract<InboxItem, { kind: 'plan' }>['plan']> = {}): InboxItem => ({
  ...base,
  kind: 'plan',
  plan: {
    id: ID,
    text: '# Plan\n\nUse `prefers-color-scheme`.',
    hash: HASH,
    round: 1,
    previous: null,
    alternatives: [],
    ...more,
  },
});
const question = (options: string[], multiSelect = false): InboxItem => ({
  ...base,
  kind: 'question',
  questionId: ID,
  questions: [
    {
      question: 'Which format?',
      header: 'Format',
      options: options.map((label) => ({ label, description: '' })),
      multiSelect,
    },
  ],
});

const bytes = (message: PushMessage) => new TextEncoder().encode(JSON.stringify(message)).length;

describe('a notification', () => {
  it('names repository and task, what is wanted, and the page of that card', () => {
    const { notification, app_badge: badge } = openedMessage(plan(), TO, 3);
    expect(notification).toMatchObject({
      title: 'acme/site · Dark mode',
      body: 'Has a plan: Plan Use prefers-color-scheme.',
      tag: TASK,
      navigate: `https://mainloop.example.com/inbox/${ID}`,
      silent: false,
    });
    expect(badge).toBe(3);
  });

  it('approves exactly the plan that it shows', () => {
    const { notification } = openedMessage(plan(), TO, 1);
    expect(notification.actions.map(({ title }) => title)).toEqual(['Approve']);
    const { data } = notification;
    expect(data.is === 'item' && data.commands.approve).toMatchObject({
      type: 'task',
      taskId: TASK,
      command: { do: 'decide', planId: ID, hash: HASH, verdict: { is: 'approve' } },
    });
  });

  it('has no button for what needs to be seen first', () => {
    const buttons = (item: InboxItem) => openedMessage(item, TO, 1).notification.actions.length;
    expect(buttons(question(['a', 'b', 'c']))).toBe(0);
    expect(buttons(question(['a', 'b'], true))).toBe(0);
    expect(buttons(question(['a', 'x'.repeat(31)]))).toBe(0);
    expect(
      buttons({
        ...base,
        kind: 'review',
        pullRequest: { number: 1, url: 'https://github.com/acme/site/pull/1' },
        summary: '',
        tested: null,
        checks: { is: 'none' },
        leftOpen: NOTHING_LEFT,
      }),
    ).toBe(0);
  });

  it('says of a review first what stands in its way', () => {
    const review = (conflicts: boolean, count: number): InboxItem => ({
      ...base,
      kind: 'review',
      pullRequest: { number: 7, url: 'https://github.com/acme/site/pull/7' },
      summary: '',
      tested: null,
      checks: { is: 'failed', names: ['lint', 'a-very-long-name '.repeat(20)] },
      leftOpen: { conflicts, comments: { count, by: ['eve'] } },
    });
    const body = (item: InboxItem) => openedMessage(item, TO, 1).notification.body;
    expect(body(review(true, 2))).toMatch(
      /^Pull request #7 is ready for review\. It conflicts with its base\. 2 comments were not given to its worker\. Its checks fail: lint/,
    );
    expect(body(review(false, 1))).toContain('review. A comment was not given to its worker.');
    expect(body(review(false, 0))).toContain('review. Its checks fail');
  });

  it('approves the plan as it stands, where it offers others', () => {
    const { notification } = openedMessage(plan({ alternatives: ['A', 'B'] }), TO, 1);
    expect(notification.actions.map(({ title }) => title)).toEqual(['Approve as planned']);
  });

  it('answers a question of two choices', () => {
    const { notification } = openedMessage(question(['CSV', 'JSON']), TO, 1);
    expect(notification.actions.map(({ title }) => title)).toEqual(['CSV', 'JSON']);
    const { data } = notification;
    expect(data.is === 'item' && data.commands['answer-1']).toMatchObject({
      command: { do: 'answer', questionId: ID, answers: [{ chosen: ['JSON'], other: '' }] },
    });
  });

  it('stays below what a push service takes, and on one line, whatever a worker wrote', () => {
    const hostile = `\u202Eevil\u2066\n${'\u{1F600}'.repeat(100_000)}`;
    for (const item of [plan({ text: hostile }), question([hostile])]) {
      const message = openedMessage({ ...item, title: hostile }, TO, 1_000);
      expect(bytes(message)).toBeLessThan(3_900);
      expect(message.notification.body).not.toMatch(/[\n\u202E\u2066]/);
      expect(PushMessage.parse(JSON.parse(JSON.stringify(message)))).toEqual(message);
    }
  });

  it('takes its own place when the item is settled, without a sound', () => {
    const outcome = { by: 'github' as const, text: 'Approved by @ana on GitHub', at: 2 };
    const { notification } = settledMessage({ ...plan(), outcome }, TO.origin, 0);
    expect(notification).toMatchObject({
      tag: TASK,
      silent: true,
      body: 'Approved by @ana on GitHub',
      data: { is: 'settled', itemId: ID },
    });
  });

  it('may be a test', () => {
    const message = testMessage({ id: ID, origin: TO.origin }, TASK, 0);
    expect(message.notification.data).toEqual({ is: 'test', deviceId: ID, testId: TASK });
  });
});
