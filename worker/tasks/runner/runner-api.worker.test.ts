import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Brief, type RunnerEvent } from '../../../protocol/runner.ts';
import { SECRETS } from '../../../protocol/redaction/testing/secrets.ts';
import { stored } from '../../testing/stored.ts';
import { ask, CANCEL, RETRY, say, startedTask, step } from '../testing/open-task.ts';
import { DELIVERED } from '../testing/records.ts';

const GONE = { is: 'refused', error: 'gone' };
const UNAUTHORIZED = { is: 'refused', error: 'unauthorized' };

describe('who is admitted', () => {
  it('is the runner of the newest sandbox, to its one repository, branch and models', async () => {
    const { stub, spec, pass } = await startedTask();
    const { personId, taskId, repository, branch, baseBranch } = spec;
    expect(await stub.admit(pass())).toEqual({
      is: 'ok',
      value: {
        personId,
        taskId,
        generation: 1,
        repository,
        branch,
        baseBranch,
        models: ['claude-opus-5-5', 'claude-haiku-5-5'],
      },
    });
  });

  it('is nobody with another secret, another task’s token or a generation to come', async () => {
    const [one, other] = [await startedTask(), await startedTask()];
    const secret = 'x'.repeat(43);
    expect(await one.stub.admit({ ...one.pass(), secret })).toMatchObject(UNAUTHORIZED);
    expect(await one.stub.admit({ ...one.pass(), secret: '' })).toMatchObject(UNAUTHORIZED);
    expect(await one.stub.admit(other.pass())).toMatchObject(UNAUTHORIZED);
    expect(await one.stub.admit({ ...one.pass(), generation: 2 })).toMatchObject(UNAUTHORIZED);
  });

  it('is not the runner of a sandbox that was replaced: nothing of it is stored', async () => {
    const task = await startedTask();
    await task.send(step(1));
    const old = task.pass();
    await ask(task.stub, CANCEL);
    await ask(task.stub, RETRY);
    expect(await task.stub.admit(old)).toMatchObject(GONE);
    await task.stub.advance(2, 1);
    const before = await task.stub.counts();
    const late = { events: [step(2)], acknowledged: [] };
    expect(await task.stub.receive(old, late)).toMatchObject(GONE);
    expect(await task.stub.brief(old)).toMatchObject(GONE);
    expect(await task.stub.mailbox(old, 1)).toMatchObject(GONE);
    const news = { part: 'bundle', commit: 'b'.repeat(40) } as const;
    expect(await task.stub.openCheckpoint(old, 'bundle')).toMatchObject(GONE);
    expect(await task.stub.checkpointed(old, 'any', news)).toMatchObject(GONE);
    expect(await task.stub.checkpointKey(old, 'bundle')).toMatchObject(GONE);
    expect(await task.stub.counts()).toEqual(before);
    expect(await task.stub.admit(task.pass())).toMatchObject({ is: 'ok' });
  });
});

describe('the brief', () => {
  it('says what is to be done, and is a sign of life', async () => {
    const { stub, spec, pass } = await startedTask();
    expect(await stub.summary()).toMatchObject({ status: 'Starting' });
    const answer = await stub.brief(pass());
    const { personId: _, budget: _budget, waitsForPlan: _waits, withIssue: _issue, ...told } = spec;
    expect(answer).toEqual({
      is: 'ok',
      value: {
        ...told,
        generation: 1,
        fresh: false,
        model: 'claude-opus-5-5',
        author: null,
        asker: null,
        decided: null,
        hasMail: false,
        smallModel: 'claude-haiku-5-5',
        lastEvent: 0,
        checkpoint: null,
        attachments: [],
        equipment: { isTrusted: false, commit: null },
        setup: null,
      },
    });
    expect(answer.is === 'ok' && Brief.parse(answer.value)).toBeTruthy();
    expect(await stub.summary()).toMatchObject({ status: 'Working' });
  });

  it('says whose names stand at the commits, and is given also where nobody can be asked that', async () => {
    const task = await startedTask();
    const author = { name: 'helper[bot]', email: '99+helper[bot]@users.noreply.github.test' };
    const ada = { name: 'ada', email: '7+ada@users.noreply.github.test' };
    task.fakes.asker = { ...ada, url: 'http://github.test/ada' };
    task.fakes.ports.github.author = async () => ({ is: 'ok', value: author });
    expect(await task.stub.brief(task.pass())).toMatchObject({ value: { author, asker: ada } });
    task.fakes.ports.github.author = async () => ({ is: 'failed', failure: { is: 'unreachable' } });
    expect(await task.stub.brief(task.pass())).toMatchObject({ value: { author: null } });
  });

  it('says where a runner that begins again goes on', async () => {
    const task = await startedTask();
    await task.send(step(1), step(2));
    const [commit, sessionId] = ['b'.repeat(40), crypto.randomUUID()];
    await task.keep({ part: 'bundle', commit });
    await task.keep({ part: 'transcript', sessionId });
    expect(await task.stub.brief(task.pass())).toMatchObject({
      value: { lastEvent: 2, checkpoint: { commit, sessionId } },
    });
  });

  it('of the next sandbox names the checkpoint of the one before, and numbers from 1', async () => {
    const task = await startedTask();
    await task.send(step(1));
    const commit = 'b'.repeat(40);
    const key = await task.keep({ part: 'bundle', commit });
    await ask(task.stub, CANCEL);
    await ask(task.stub, RETRY);
    await task.stub.advance(2, 1);
    expect(await task.stub.brief(task.pass())).toMatchObject({
      value: { generation: 2, lastEvent: 0, checkpoint: { commit, sessionId: null } },
    });
    const answer = await task.stub.checkpointKey(task.pass(), 'bundle');
    expect(answer).toEqual({ is: 'ok', value: key });
  });
});

describe('events', () => {
  const stepsOf = async (task: Awaited<ReturnType<typeof startedTask>>) =>
    (await task.stub.events(0, 100)).flatMap(({ body }) => (body.type === 'step' ? body.text : []));

  it('are stored once and in order, however they are repeated and shuffled', async () => {
    const task = await startedTask();
    expect(await task.send(step(1), step(2))).toEqual({ is: 'ok', value: { stored: 2 } });
    expect(await task.send(step(1), step(2))).toMatchObject({ value: { stored: 2 } });
    expect(await task.send(step(4))).toMatchObject({ value: { stored: 2 } });
    expect(await task.send(step(4), step(3))).toMatchObject({ value: { stored: 3 } });
    expect(await task.send(step(2), step(3), step(4), step(5))).toMatchObject({
      value: { stored: 5 },
    });
    expect(await stepsOf(task)).toEqual(['Step 1', 'Step 2', 'Step 3', 'Step 4', 'Step 5']);
  });

  it('keep numbers of the task’s own without gaps, over all sandboxes', async () => {
    const task = await startedTask();
    await task.send(step(1), step(2));
    await ask(task.stub, CANCEL);
    await ask(task.stub, RETRY);
    await task.stub.advance(2, 1);
    await task.send(step(1));
    const events = await task.stub.events(0, 100);
    expect(events.map(({ number }) => number)).toEqual(events.map((_, at) => at + 1));
    expect(await stepsOf(task)).toEqual(['Step 1', 'Step 2', 'Step 1']);
  });

  it('say on the card what is done now', async () => {
    const task = await startedTask();
    await task.send(step(1), step(2, 'Reading the list'));
    expect(await task.stub.summary()).toMatchObject({
      status: 'Working',
      note: 'Reading the list',
    });
    await expect.poll(() => task.fakes.progress.at(-1)?.note).toBe('Reading the list');
  });

  it('carry a time that a calendar has, whatever the sandbox’s clock says', async () => {
    const task = await startedTask();
    await task.send({ ...step(1), at: Number.MAX_SAFE_INTEGER });
    const last = (await task.stub.events(0, 100)).at(-1);
    expect(Math.abs((last?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('end with the result: nothing after it counts', async () => {
    const task = await startedTask();
    const result = { number: 2, at: 2, body: { type: 'result', result: DELIVERED } } as const;
    expect(await task.send(step(1), result, step(3))).toMatchObject({ value: { stored: 2 } });
    expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
    expect(await task.send(step(3))).toMatchObject(GONE);
    expect(await stepsOf(task)).toEqual(['Step 1']);
  });

  it('that end without a change say so on the card, whatever the worker claims', async () => {
    const task = await startedTask();
    const result = { is: 'nothing_to_deliver', summary: 'I have rewritten everything.' } as const;
    await task.send({ number: 1, at: 1, body: { type: 'result', result } });
    expect(await task.stub.summary()).toMatchObject({ status: 'Done', note: 'No changes' });
    const last = (await task.stub.events(0, 100)).at(-1);
    expect(last?.body).toEqual({ type: 'status', status: 'Done', note: 'No changes' });
    await expect.poll(() => task.fakes.reports.at(-1)?.task.note).toBe('No changes');
  });

  it('are read in pages from a number on', async () => {
    const task = await startedTask();
    await task.send(...Array.from({ length: 30 }, (_, at) => step(at + 1)));
    const page = await task.stub.events(10, 5);
    expect(page.map(({ number }) => number)).toEqual([11, 12, 13, 14, 15]);
  });

  it('of great size come in pages that are not', async () => {
    const task = await startedTask();
    for (let number = 1; number <= 90; number++) await task.send(step(number, 'x'.repeat(20_000)));
    const all = await task.stub.events(0, 100);
    const last = all.at(-1)?.number ?? 0;
    expect(JSON.stringify(all).length).toBeLessThan(1_300_000);
    expect((await task.stub.events(last, 100)).length).toBeGreaterThan(0);
  });
});

describe('the mailbox', () => {
  it('wakes when the person writes, and keeps a message until it was carried out', async () => {
    const task = await startedTask();
    const waiting = task.stub.mailbox(task.pass(), 20_000);
    await ask(task.stub, say('Use tabs.'));
    await ask(task.stub, say('And no semicolons.'));
    expect(await waiting).toMatchObject({ is: 'ok', value: { items: [{ text: 'Use tabs.' }] } });
    const both = await task.stub.mailbox(task.pass(), 20_000);
    const items = both.is === 'ok' ? both.value.items : [];
    expect(items).toMatchObject([{ text: 'Use tabs.' }, { text: 'And no semicolons.' }]);
    await task.stub.receive(task.pass(), { events: [], acknowledged: [items[0]?.id ?? ''] });
    expect(await task.stub.mailbox(task.pass(), 20_000)).toMatchObject({
      value: { items: [{ text: 'And no semicolons.' }] },
    });
  });

  it('is empty when nobody wrote within the wait', async () => {
    const task = await startedTask();
    const answer = await task.stub.mailbox(task.pass(), 5);
    expect(answer).toEqual({ is: 'ok', value: { items: [] } });
  });

  it('answers a waiting runner at once when its task is cancelled', async () => {
    const task = await startedTask();
    const waiting = task.stub.mailbox(task.pass(), 20_000);
    await ask(task.stub, CANCEL);
    expect(await waiting).toMatchObject(GONE);
  });

  it('hands a message that the first sandbox did not carry out to the next', async () => {
    const task = await startedTask();
    await ask(task.stub, say('Use tabs.'));
    await ask(task.stub, CANCEL);
    await ask(task.stub, RETRY);
    await task.stub.advance(2, 1);
    const answer = await task.stub.mailbox(task.pass(), 20_000);
    expect(answer).toMatchObject({ value: { items: [{ text: 'Use tabs.' }] } });
  });
});

it('a sandbox that takes no secret out itself has it taken out of all that is stored', async () => {
  const task = await startedTask();
  const secrets = [SECRETS['a GitHub token'], env.GITHUB_TOKEN ?? '', env.LOCAL_SANDBOX_KEY ?? ''];
  const words = `It is ${secrets.join(' or ')}.`;
  const shown = 'It is [secret] or [secret] or [secret].';
  const question = { question: words, header: '', options: [], multiSelect: false };
  const bodies: RunnerEvent['body'][] = [
    { type: 'text', text: words, parent: null },
    { type: 'question', toolUseId: 'call', questions: [question] },
    {
      type: 'result',
      result: { ...DELIVERED, title: words, body: words, summary: words, tested: words },
    },
  ];
  for (const [at, body] of bodies.entries()) await task.send({ number: at + 1, at: 1, body });
  const all = await stored(task.stub);
  expect(all).toContain(shown);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10);
    expect(all).not.toContain(secret);
  }
});
