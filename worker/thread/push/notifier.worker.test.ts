import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { Sent } from '../../push/send.ts';
import type { ThreadClient } from '../testing/client.ts';
import { openThread } from '../testing/open-thread.ts';
import {
  command,
  deviceOf,
  failure,
  newest,
  screen,
  settle,
  told,
} from '../testing/told-devices.ts';

const device = (page: ThreadClient) => newest(page)[0];

describe('what needs the person', () => {
  it('is told to each device once, encrypted with the key that it subscribed with', async () => {
    const { thread, page, sent, until, device: first } = await told();
    const { applicationServerKey } = await page.first('devices');
    await command(page, { type: 'put_device', device: deviceOf(applicationServerKey) });
    const report = failure();
    await thread.stub.taskReport(report);
    await thread.stub.taskReport(report);
    await until('item', 2);
    expect(new Set(sent.map(({ subscription }) => subscription.endpoint)).size).toBe(2);
    expect(sent[0]).toMatchObject({
      subscription: first.subscription,
      contact: 'ada@example.com',
      topic: report.task.id,
      vapid: { publicKey: applicationServerKey },
      message: { app_badge: 1, notification: { tag: report.task.id } },
    });
    expect(device(page)?.sent?.is).toBe('accepted');
  });

  it('is taken back on every device once it is settled anywhere', async () => {
    const { thread, until, of } = await told();
    const report = failure();
    await thread.stub.taskReport(report);
    await until('item', 1);
    await thread.stub.taskReport(settle(2, report));
    await until('settled', 1);
    expect(of('settled')[0]).toMatchObject({
      topic: report.task.id,
      message: {
        app_badge: 0,
        notification: { silent: true, body: 'Retried by @ana', data: { is: 'settled' } },
      },
    });
  });

  it('is taken back also where it was settled while it was on its way', async () => {
    let arrive: (sent: Sent) => void = () => {};
    const { thread, until } = await told(({ message }) =>
      message.notification.data.is === 'item'
        ? new Promise((resolve) => (arrive = resolve))
        : { is: 'accepted' },
    );
    const report = failure();
    await thread.stub.taskReport(report);
    await until('item', 1);
    await thread.stub.taskReport(settle(2, report));
    await thread.inside(() => arrive({ is: 'accepted' }));
    await until('settled', 1);
  });

  it('takes the place of what the task wanted before', async () => {
    const { thread, until, of } = await told();
    const report = failure();
    await thread.stub.taskReport(report);
    await until('item', 1);
    await thread.stub.taskReport({ ...failure(2, report.task) });
    await until('item', 2);
    await thread.stub.taskReport(settle(3, report));
    await until('settled', 1);
    expect(of('settled')).toHaveLength(1);
  });

  it('is not told to a device that shows it, and is told to the others', async () => {
    const { thread, page, device: seen, sent, until } = await told();
    const { applicationServerKey } = await page.first('devices');
    const other = deviceOf(applicationServerKey);
    await command(page, { type: 'put_device', device: other });
    const visible = await screen(thread, seen.id);
    await thread.stub.taskReport(failure());
    await until('item', 1);
    expect(sent[0]?.subscription).toEqual(other.subscription);
    visible.send({ type: 'screen', deviceId: seen.id, isVisible: false });
    await command(visible, { type: 'stop' });
    await thread.stub.taskReport(failure());
    await until('item', 3);
  });

  it('that stood on a device’s screen is not told there when it is only revised, and leaves nothing', async () => {
    const { thread, page, device: seen, sent, until, of } = await told();
    const { applicationServerKey } = await page.first('devices');
    const other = deviceOf(applicationServerKey);
    await command(page, { type: 'put_device', device: other });
    const visible = await screen(thread, seen.id);
    const report = failure();
    await thread.stub.taskReport(report);
    await until('item', 1);
    visible.send({ type: 'screen', deviceId: seen.id, isVisible: false });
    await command(visible, { type: 'stop' });
    const item = { ...report.inbox.item, reason: 'The tests fail: 2 of 41.' };
    await thread.stub.taskReport({ ...report, number: 2, inbox: { is: 'open', item } });
    // Something else is told there, so that what would have been sent before it has been.
    await thread.stub.taskReport(failure());
    await until('item', 3);
    const ofTask = sent.filter(({ topic }) => topic === report.task.id);
    expect(ofTask.map(({ subscription }) => subscription)).toEqual([other.subscription]);
    await thread.stub.taskReport(settle(3, report));
    await until('settled', 1);
    expect(of('settled')[0]?.subscription).toEqual(other.subscription);
  });

  it('waits for the end of quiet hours, and is not told at all when it is settled before', async () => {
    const { thread, page, of, until } = await told();
    const now = new Date();
    const time = (minutes: number) =>
      new Date(now.getTime() + minutes * 60_000).toISOString().slice(11, 16);
    const quiet = { from: time(-60), to: time(60), zone: 'UTC' };
    const change = { is: 'notifications' as const, notifications: { quiet } };
    expect(await command(page, { type: 'change_settings', change })).toMatchObject({ type: 'ack' });
    const report = failure();
    await thread.stub.taskReport(report);
    await thread.stub.taskReport(settle(2, report));
    // A test is wanted now, whatever the hour.
    await command(page, { type: 'test_device', deviceId: device(page)?.id ?? '' });
    await until('test', 1);
    expect([of('item').length, of('settled').length]).toEqual([0, 0]);
  });
});

describe('a push service', () => {
  it('that knows the device no more has it forgotten', async () => {
    const { thread, page } = await told(() => ({ is: 'gone' }));
    await thread.stub.taskReport(failure());
    await page.until(() => (newest(page).length === 0 ? true : null), 'no device');
  });

  it('that is away is asked again, and what it says stands beside the device', async () => {
    let tries = 0;
    const { thread, page, until } = await told(() =>
      tries++ === 0
        ? { is: 'later', afterMs: 0, why: 'push.example.com does not answer.' }
        : { is: 'accepted' },
    );
    await thread.stub.taskReport(failure());
    await page.until(() => (device(page)?.sent?.is === 'waiting' ? true : null), 'a first try');
    await until('item', 2);
    await page.until(() => (device(page)?.sent?.is === 'accepted' ? true : null), 'a second one');
  });

  it('that refuses is not asked again', async () => {
    const why = 'push.example.com refused it (403).';
    const { thread, page, sent } = await told(() => ({ is: 'refused', why }));
    await thread.stub.taskReport(failure());
    await page.until(() => (device(page)?.sent?.is === 'refused' ? true : null), 'a refusal');
    await command(page, { type: 'stop' });
    expect(sent).toHaveLength(1);
    expect(device(page)?.sent).toMatchObject({ why });
  });

  it('is asked after a crash for what was not sent', async () => {
    let isAway = true;
    const { thread, page, until } = await told(() =>
      isAway ? { is: 'later', afterMs: 0, why: 'Away.' } : { is: 'accepted' },
    );
    await thread.stub.taskReport(failure());
    await page.until(() => (device(page)?.sent?.is === 'waiting' ? true : null), 'a first try');
    isAway = false;
    await thread.crash();
    await thread.stub.checks();
    await until('item', 2);
  });
});

describe('a device', () => {
  it('is tested, and says itself that the test came', async () => {
    const { page, until, device: mine } = await told();
    await command(page, { type: 'test_device', deviceId: mine.id });
    await until('test', 1);
    const { id: testId } = device(page)?.test ?? { id: '' };
    expect(device(page)?.test?.receivedAt).toBeNull();
    await command(page, { type: 'test_received', deviceId: mine.id, testId: ulid() });
    expect(device(page)?.test?.receivedAt).toBeNull();
    await command(page, { type: 'test_received', deviceId: mine.id, testId });
    expect(device(page)?.test?.receivedAt).toBeGreaterThan(0);
  });

  it('that comes under another id with the same subscription is the same one', async () => {
    const { page, device: mine } = await told();
    await command(page, { type: 'put_device', device: { ...mine, id: ulid() } });
    expect(newest(page)).toHaveLength(1);
  });

  it('is removed with all that waits for it; pages never see its keys', async () => {
    const { page, device: mine } = await told();
    expect(JSON.stringify(page.frames)).not.toContain(mine.subscription.endpoint);
    await command(page, { type: 'remove_device', deviceId: mine.id });
    expect(newest(page)).toEqual([]);
    expect(await command(page, { type: 'test_device', deviceId: mine.id })).toMatchObject({
      type: 'refused',
      code: 'not_found',
    });
  });

  it('is one of twenty at most', async () => {
    const { page } = await told();
    const { applicationServerKey } = await page.first('devices');
    const answers = [];
    for (let count = 1; count < 21; count++) {
      const more = deviceOf(applicationServerKey);
      answers.push((await command(page, { type: 'put_device', device: more })).type);
    }
    expect(answers.filter((type) => type === 'ack')).toHaveLength(19);
    expect(answers.at(-1)).toBe('refused');
  });

  it.each([
    'http://push.example.com/x',
    'https://127.0.0.1/x',
    'https://localhost/x',
    'https://[::1]/',
  ])('is not told at %s', async (endpoint) => {
    const { page, device: mine } = await told();
    const subscription = { ...mine.subscription, endpoint };
    const answer = await command(page, {
      type: 'put_device',
      device: { ...mine, id: ulid(), subscription },
    });
    expect(answer).toMatchObject({ type: 'refused', code: 'malformed' });
  });
});

describe('a page that comes into sight', () => {
  it('hears since when none was, and nothing while another one is', async () => {
    const thread = await openThread();
    const first = await screen(thread, ulid());
    expect(first.all('away')[0]?.since).toBeNull();
    const second = await screen(thread, ulid());
    expect(second.all('away')[0]?.since).toBeNull();
    for (const page of [first, second]) {
      page.send({ type: 'screen', deviceId: null, isVisible: false });
      await command(page, { type: 'stop' });
    }
    const third = await screen(thread, ulid());
    const { since, at } = third.all('away')[0] ?? { since: null, at: 0 };
    expect(since).toBeGreaterThan(at - 10_000);
  });
});

it('what a button says reaches its task without a socket', async () => {
  const { thread, page } = await told();
  const report = failure();
  await thread.stub.taskReport(report);
  await page.first('entries');
  const id = ulid();
  const retry = {
    type: 'task',
    id,
    taskId: report.task.id,
    command: { do: 'retry', from: 'checkpoint' },
  } as const;
  expect(await thread.stub.command(retry)).toEqual({ is: 'done', seq: null });
  expect(await thread.stub.command(retry)).toEqual({ is: 'done', seq: null });
});
