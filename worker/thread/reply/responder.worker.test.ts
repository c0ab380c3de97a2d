import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { ThreadClient } from '../testing/client.ts';
import { REPOSITORY } from '../testing/facts.ts';
import { type ModelRequest, fakeModel, holdAnswer, lastText } from '../testing/fake-model.ts';
import {
  START as BEGIN,
  answer,
  beginText,
  says,
  stream,
  textDelta,
} from '../testing/model-answers.ts';
import { fakeGitHub, fakeTasks, openThread } from '../testing/open-thread.ts';

const startTask = (id: string, title: string) => ({
  id,
  name: 'start_task',
  input: { repository: REPOSITORY.name, title, prompt: 'Do it.' },
});
const START = startTask('toolu_1', 'A thing');
const OTHER = startTask('toolu_2', 'Another thing');

function ask(page: ThreadClient, text = 'Tell me'): string {
  const id = ulid();
  page.send({ type: 'send', id, text });
  return id;
}

/** What the page shows while the reply streams. */
const streamed = (page: ThreadClient, messageId: string) =>
  page
    .all('delta')
    .filter((frame) => frame.messageId === messageId)
    .reduce((so, { offset, text }) => so.slice(0, offset) + text, '');

describe('a reply', () => {
  it('streams word by word, and what was streamed is what stays', async () => {
    const words = 'One two **three** – 四 😀 and a `half`.\n\n- end';
    const page = await (await openThread({ model: fakeModel(() => says(words)).model })).page();
    ask(page);
    const reply = await page.ended(1);
    expect(reply).toMatchObject({ text: words, state: { is: 'done' }, taskIds: [] });
    expect(page.all('delta').length).toBeGreaterThan(5);
    expect(streamed(page, reply.id)).toBe(words);
  });

  it('is asked of the main model, with the person’s words last', async () => {
    const { model, requests } = fakeModel(() => says('Hello.'));
    const page = await (await openThread({ model })).page();
    ask(page, 'How are you?');
    await page.ended(1);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ model: 'claude-haiku-5-5', stream: true });
    expect(requests.map(lastText)).toEqual(['How are you?']);
  });

  it('answers all that was said while another one streamed, in one', async () => {
    const held = holdAnswer('Once upon ');
    const { model, requests } = fakeModel((_, number) =>
      number === 1 ? held.respond() : says('Both.'),
    );
    const thread = await openThread({ model });
    const page = await thread.page();
    ask(page, 'First');
    await page.first('delta');
    ask(page, 'Second');
    ask(page, 'Third');
    await page.until(() => (page.all('ack').length === 3 ? true : null), 'three acks');
    await thread.inside(held.finish);
    expect(await page.ended(2)).toMatchObject({ text: 'Both.' });
    expect(requests).toHaveLength(2);
    expect(requests[1]?.body).toMatch(/First.*Second.*Third/s);
  });
});

describe('stop', () => {
  it('ends the reply where it is, and what was said stays', async () => {
    const held = holdAnswer('Once upon ');
    const { model } = fakeModel((_, number) => (number === 1 ? held.respond() : says('Well.')));
    const thread = await openThread({ model });
    const page = await thread.page();
    ask(page);
    await page.first('delta');
    const id = ulid();
    page.send({ type: 'stop', id });
    expect(await page.first('ack', (ack) => ack.id === id)).toMatchObject({ seq: null });
    expect(await page.ended(1)).toMatchObject({
      text: 'Once upon ',
      state: { is: 'cut', why: 'stopped' },
    });
    ask(page, 'Go on');
    expect(await page.ended(2)).toMatchObject({ text: 'Well.', state: { is: 'done' } });
  });

  it('changes nothing when no reply streams', async () => {
    const page = await (await openThread()).page();
    page.send({ type: 'stop', id: ulid() });
    await page.first('ack');
    ask(page);
    expect((await page.ended(1)).state).toEqual({ is: 'done' });
  });
});

describe('an object that restarts in the middle of a reply', () => {
  it('gives the reply again by itself when no tool ran, in its place', async () => {
    const held = holdAnswer('Once upon ');
    const { model, requests } = fakeModel((_, number) =>
      number === 1 ? held.respond() : says('Here it is, whole.'),
    );
    const thread = await openThread({ model });
    const page = await thread.page();
    ask(page, 'Tell me a story');
    const { messageId } = await page.first('delta');
    await thread.crash();
    const back = await thread.page();
    expect(await back.ended(1)).toMatchObject({
      id: messageId,
      text: 'Here it is, whole.',
      state: { is: 'done' },
    });
    expect(back.replies()).toHaveLength(1);
    expect(requests.at(-1)?.body).toContain('Tell me a story');
  });

  it('does so though nobody comes back', async () => {
    const held = holdAnswer('Once upon ');
    const { model, requests } = fakeModel((_, number) =>
      number === 1 ? held.respond() : says('Here it is.'),
    );
    const thread = await openThread({ model });
    const page = await thread.page();
    ask(page);
    await page.first('delta');
    page.close();
    await thread.crash();
    await expect.poll(() => requests.length, { timeout: 8_000 }).toBe(2);
  });

  it('shows as cut one that takes the object down again and again', async () => {
    const { model, requests } = fakeModel(() => holdAnswer('Once upon ').respond());
    const thread = await openThread({ model });
    ask(await thread.page());
    for (let time = 1; time <= 6; time++) {
      await expect.poll(() => requests.length).toBe(time);
      await thread.crash();
      await thread.page();
    }
    const { state } = await (await thread.page()).ended(1);
    expect(state).toEqual({ is: 'cut', why: 'restarted' });
    expect(requests).toHaveLength(6);
  });

  it('ends one whose tool ran as cut, with what was done', async () => {
    const held = holdAnswer('They are ');
    const { model, requests } = fakeModel((_, number) =>
      number === 1 ? answer([{ text: 'On it.' }, START, OTHER]) : held.respond(),
    );
    const tasks = fakeTasks();
    const thread = await openThread({ model, task: tasks.task });
    const page = await thread.page();
    ask(page);
    await expect.poll(() => requests.length).toBe(2);
    await thread.crash();
    const { text, state, taskIds } = await (await thread.page()).ended(1);
    expect(state).toEqual({ is: 'cut', why: 'restarted' });
    expect(text).toMatch(/This was done before the answer was cut off: started 2 tasks\.$/);
    expect(taskIds).toHaveLength(2);
    expect(requests).toHaveLength(2);
  });

  it('carries out once what the model had asked for when it went down', async () => {
    const { model } = fakeModel(() => answer([START]));
    const tasks = fakeTasks();
    let asked = 0;
    const github = fakeGitHub({
      // The first life goes down while it waits for the git host.
      repository: () =>
        ++asked === 1
          ? new Promise(() => {})
          : Promise.resolve({ is: 'ok', value: REPOSITORY } as const),
    });
    const thread = await openThread({ model, github, task: tasks.task });
    ask(await thread.page());
    await expect.poll(() => asked).toBe(1);
    await thread.crash();
    const back = await thread.page();
    const { taskIds, state } = await back.ended(1);
    expect(state).toEqual({ is: 'cut', why: 'restarted' });
    await expect.poll(() => tasks.created.map(({ taskId }) => taskId)).toEqual(taskIds);
    expect(taskIds).toHaveLength(1);
  });
});

describe('again', () => {
  /** A reply that has started two tasks and then breaks off, and the page that sees it. */
  async function cutAfterTools(again: (request: ModelRequest) => Response) {
    const tasks = fakeTasks();
    const { model, requests } = fakeModel((request, number) => {
      if (number === 1) return answer([START, OTHER]);
      // The connection breaks in the middle of its last words.
      if (number === 2) return stream([BEGIN, beginText(0), textDelta(0, 'Both are ')]);
      return again(request);
    });
    const page = await (await openThread({ model, task: tasks.task })).page();
    ask(page, 'Do both');
    const cut = await page.ended(1);
    page.send({ type: 'again', id: ulid(), messageId: cut.id });
    return { cut, tasks, requests, given: await page.ended(2) };
  }

  it('after tools ran says what was done, and the model is told not to repeat it', async () => {
    const { cut, tasks, requests, given } = await cutAfterTools(() => says('Both are under way.'));
    expect(cut).toMatchObject({
      text: expect.stringMatching(/^Both are\n\nThis was done .* started 2 tasks\.$/),
      state: { is: 'failed', error: expect.stringMatching(/cut off/) },
    });
    expect(given).toMatchObject({ text: 'Both are under way.', state: { is: 'done' } });
    expect(requests).toHaveLength(3);
    const sent = JSON.stringify(requests[2]?.messages.slice(-2));
    for (const { taskId } of tasks.created) expect(sent).toContain(taskId);
    expect(sent).toMatch(/tool_use.*tool_result.*do not make them again/s);
  });

  it('starts no second task though the model makes the same calls once more', async () => {
    const { tasks, given, requests } = await cutAfterTools((request) =>
      lastText(request).includes('toolu_again')
        ? says('Both are under way.')
        : answer([
            // The same input, with its keys in another order.
            {
              ...START,
              id: 'toolu_again_1',
              input: Object.fromEntries(Object.entries(START.input).toReversed()),
            },
            { ...OTHER, id: 'toolu_again_2' },
          ]),
    );
    expect(given).toMatchObject({ text: 'Both are under way.', state: { is: 'done' } });
    expect(tasks.created).toHaveLength(2);
    const results = JSON.stringify(requests.at(-1)?.messages.at(-1));
    for (const { taskId } of tasks.created) expect(results).toContain(taskId);
  });

  it('starts a third task when the model asks for another one', async () => {
    const { tasks } = await cutAfterTools((request) =>
      lastText(request).includes('toolu_again')
        ? says('And a third.')
        : answer([
            { ...START, id: 'toolu_again_3', input: { ...START.input, title: 'A third thing' } },
          ]),
    );
    expect(tasks.created.map(({ title }) => title).toSorted()).toEqual([
      'A thing',
      'A third thing',
      'Another thing',
    ]);
  });

  it('is refused for a reply that has ended well', async () => {
    const page = await (await openThread()).page();
    ask(page);
    const { id: messageId } = await page.ended(1);
    page.send({ type: 'again', id: ulid(), messageId });
    expect(await page.first('refused')).toMatchObject({ code: 'already_settled' });
  });

  it('is refused for what is no reply', async () => {
    const page = await (await openThread()).page();
    const mine = ask(page);
    for (const messageId of [ulid(), mine]) page.send({ type: 'again', id: ulid(), messageId });
    await page.until(() => (page.all('refused').length === 2 ? true : null), 'two refusals');
    expect(page.all('refused').map(({ code }) => code)).toEqual(['not_found', 'not_found']);
  });
});
