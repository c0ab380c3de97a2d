import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Attachment } from '../../protocol/attachment.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { AttachmentStore } from '../attachments/store.ts';
import { QUIET, summaryOf } from './testing/facts.ts';
import { fakeModel } from './testing/fake-model.ts';
import { says } from './testing/model-answers.ts';
import { type OpenThread, fakeTasks, openThread } from './testing/open-thread.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const HOUR_MS = 60 * 60_000;

/** R2, as far as the conversation asks it. */
function fakeStore(changed: Partial<AttachmentStore> = {}) {
  const deleted: string[] = [];
  const store: AttachmentStore = {
    read: async () => new TextEncoder().encode('What it says'),
    delete: async (_, id) => void deleted.push(id),
    ...changed,
  };
  return { deleted, store };
}

const attachmentOf = (changed: Partial<Attachment> = {}): Attachment => ({
  id: ulid(),
  name: 'notes.txt',
  type: 'text/plain',
  bytes: 12,
  ...changed,
});

/** One that was uploaded whole. */
async function uploaded({ stub }: OpenThread, attachment = attachmentOf()): Promise<Attachment> {
  expect(await stub.beginAttachment(attachment.id, attachment.name)).toEqual({ is: 'open' });
  expect(await stub.keepAttachment(attachment)).toBe(true);
  return attachment;
}

const later = async ({ stub }: OpenThread, ms: number) => {
  vi.setSystemTime(Date.now() + ms);
  await runInDurableObject(stub, async (instance) => {
    await instance.alarm();
  });
};

const rowsOf = ({ stub }: OpenThread) =>
  runInDurableObject(stub, (_, { storage }) =>
    storage.sql.exec('SELECT id, state FROM attachments').toArray(),
  );

describe('what nothing refers to', () => {
  it('goes after a day, and an upload that broke off after an hour', async () => {
    const { deleted, store } = fakeStore();
    const thread = await openThread({ attachments: store });
    const whole = await uploaded(thread);
    const broken = ulid();
    await thread.stub.beginAttachment(broken, 'half.txt');
    await later(thread, HOUR_MS + 1);
    await vi.waitFor(() => expect(deleted).toEqual([broken]));
    await later(thread, 23 * HOUR_MS);
    await vi.waitFor(() => expect(deleted).toEqual([broken, whole.id]));
    await vi.waitFor(async () => expect(await rowsOf(thread)).toEqual([]));
  });

  it('has an alarm for it from the first moment on', async () => {
    const thread = await openThread({ attachments: fakeStore().store });
    await thread.stub.beginAttachment(ulid(), 'half.txt');
    const at = await runInDurableObject(thread.stub, (_, { storage }) => storage.getAlarm());
    expect(at).toBeLessThanOrEqual(Date.now() + HOUR_MS);
  });

  it('is tried again where it could not be deleted, and is nobody’s meanwhile', async () => {
    let isAway = true;
    const { deleted, store } = fakeStore();
    const thread = await openThread({
      attachments: {
        ...store,
        delete: async (person, id) => {
          if (isAway) throw new Error('R2 is away.');
          await store.delete(person, id);
        },
      },
    });
    const page = await thread.page();
    const attachment = await uploaded(thread);
    await later(thread, 24 * HOUR_MS + 1);
    await vi.waitFor(async () =>
      expect(await rowsOf(thread)).toEqual([{ id: attachment.id, state: 'going' }]),
    );
    page.send({ type: 'send', id: ulid(), text: 'Look', attachments: [attachment] });
    expect(await page.first('refused')).toMatchObject({
      code: 'not_found',
      text: expect.stringMatching(/Attach it again/),
    });
    expect(await thread.stub.beginAttachment(attachment.id, 'x')).toMatchObject({ is: 'refused' });
    isAway = false;
    await later(thread, 60_001);
    await vi.waitFor(() => expect(deleted).toEqual([attachment.id]));
  });

  it('is no more than anybody has in drafts', async () => {
    const thread = await openThread({ attachments: fakeStore().store });
    for (let at = 0; at < 200; at++) await thread.stub.beginAttachment(ulid(), 'x');
    expect(await thread.stub.beginAttachment(ulid(), 'x')).toMatchObject({ is: 'refused' });
  });

  it('of which an upload ends too late is deleted as well', async () => {
    const { deleted, store } = fakeStore();
    const thread = await openThread({ attachments: store });
    const attachment = attachmentOf();
    await thread.stub.beginAttachment(attachment.id, 'x');
    await later(thread, HOUR_MS + 1);
    await vi.waitFor(() => expect(deleted).toHaveLength(1));
    expect(await thread.stub.keepAttachment(attachment)).toBe(false);
    await later(thread, 1);
    await vi.waitFor(() => expect(deleted).toHaveLength(2));
  });
});

describe('a message', () => {
  it('says what the server knows of what is attached, and keeps it', async () => {
    const { deleted, store } = fakeStore();
    const { model, requests } = fakeModel(() => says('I see.'));
    const thread = await openThread({ attachments: store, model });
    const page = await thread.page();
    const attachment = await uploaded(thread);
    const lie = { ...attachment, name: 'lie.png', type: 'image/png' as const, bytes: 1 };
    page.send({ type: 'send', id: ulid(), text: '', attachments: [lie] });
    await page.first('ack');
    expect(page.messages()).toContainEqual(
      expect.objectContaining({ from: 'person', text: '', attachments: [attachment] }),
    );
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    const told = JSON.stringify(requests[0]);
    expect(told).toContain('What it says');
    expect(told).toContain(attachment.id);
    await later(thread, 48 * HOUR_MS);
    expect(deleted).toEqual([]);
  });

  it('with nothing in it and nothing attached is refused as before', async () => {
    const thread = await openThread();
    const page = await thread.page();
    page.send({ type: 'send', id: ulid(), text: ' ', attachments: [] });
    expect(await page.first('refused')).toMatchObject({ code: 'empty' });
  });

  it('to a task takes its files along; refused by the task, it lets them go', async () => {
    const { deleted, store } = fakeStore();
    const taken = fakeTasks();
    const thread = await openThread({ attachments: store, task: taken.task });
    const task = summaryOf({ id: ulid(), status: 'Working' });
    await thread.stub.taskReport({ ...QUIET, number: 1, task });
    const page = await thread.page();
    const attachment = await uploaded(thread);
    const say = (one: Attachment): TaskCommand => ({
      do: 'message',
      text: '',
      when: 'now',
      attachments: [one],
    });
    const command = say(attachment);
    page.send({ type: 'task', id: ulid(), taskId: task.id, command });
    await page.first('ack');
    expect(taken.asked).toMatchObject([{ command }]);
    await later(thread, 48 * HOUR_MS);
    expect(deleted).toEqual([]);

    const closed = fakeTasks({ command: async () => ({ is: 'refused', text: 'It is over.' }) });
    const other = await openThread({ attachments: store, task: closed.task });
    await other.stub.taskReport({ ...QUIET, number: 1, task });
    const at = await other.page();
    const refused = await uploaded(other);
    at.send({ type: 'task', id: ulid(), taskId: task.id, command: say(refused) });
    await at.first('refused');
    await later(other, 48 * HOUR_MS);
    await vi.waitFor(() => expect(deleted).toEqual([refused.id]));
  });

  it('that a task gave back unread lets its files go a day later, but for those of the conversation', async () => {
    const { deleted, store } = fakeStore();
    const { model } = fakeModel(() => says('I see.'));
    let tookBack: string[] = [];
    const tasks = fakeTasks({ command: async () => ({ is: 'done', tookBack }) });
    const thread = await openThread({ attachments: store, task: tasks.task, model });
    const task = summaryOf({ id: ulid(), status: 'Working' });
    await thread.stub.taskReport({ ...QUIET, number: 1, task });
    const page = await thread.page();
    const acknowledged = (count: number) =>
      page.until(() => (page.all('ack').length === count ? true : null), 'an ack');
    const [said, queued] = [await uploaded(thread), await uploaded(thread)];
    page.send({ type: 'send', id: ulid(), text: 'Look', attachments: [said] });
    const message: TaskCommand = {
      do: 'message',
      text: '',
      when: 'later',
      attachments: [said, queued],
    };
    page.send({ type: 'task', id: ulid(), taskId: task.id, command: message });
    await acknowledged(2);
    await later(thread, 48 * HOUR_MS);
    expect(deleted).toEqual([]);
    tookBack = [said.id, queued.id];
    const none: TaskCommand = { do: 'arrange_queue', messages: [] };
    page.send({ type: 'task', id: ulid(), taskId: task.id, command: none });
    await acknowledged(3);
    await later(thread, 23 * HOUR_MS);
    expect(deleted).toEqual([]);
    await later(thread, 2 * HOUR_MS);
    await vi.waitFor(() => expect(deleted).toEqual([queued.id]));
  });
});
