import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { Attachment } from '../../protocol/attachment.ts';
import { attachmentKey } from '../attachments/kept.ts';
import { gateway } from '../gateway/app.ts';
import { formatToken } from '../gateway/token.ts';
import { type OpenTask, APP, CANCEL, ask, mailOf, startedTask } from './testing/open-task.ts';

const attachmentOf = (name: string): Attachment => ({
  id: ulid(),
  name,
  type: 'text/plain',
  bytes: 5,
});
const message = (attachments: Attachment[], when: 'now' | 'later' = 'now') =>
  ({ do: 'message', text: 'Look', when, attachments }) as const;

async function briefOf(task: OpenTask) {
  const brief = await task.stub.brief(task.pass());
  if (brief.is === 'refused') throw new Error(brief.text);
  return brief.value;
}

/** Asks as the task's runner does. */
function get(task: OpenTask, path: string) {
  const headers = { authorization: `Bearer ${formatToken(task.pass())}` };
  return gateway.fetch(new Request(`http://gateway.test/gateway/${path}`, { headers }), env);
}

async function inBucket(personId: string, { id }: Attachment, text: string): Promise<void> {
  await env.CHECKPOINTS.put((await attachmentKey(personId, id)) ?? '', text);
}

describe('what a person attaches to a task', () => {
  it('reaches its runner with the words, and stands in the activity and in each brief', async () => {
    const [begun, said] = [attachmentOf('begun.txt'), attachmentOf('said.txt')];
    const task = await startedTask({ attachments: [begun] });
    expect((await briefOf(task)).attachments).toEqual([begun]);
    expect(await ask(task.stub, message([said]))).toEqual({ is: 'done' });
    expect(await mailOf(task)).toMatchObject([{ type: 'message', attachments: [said] }]);
    expect((await briefOf(task)).attachments).toEqual([begun, said]);
    const events = await task.stub.events(0, 100);
    expect(events.map(({ body }) => body)).toContainEqual({
      type: 'message',
      text: 'Look',
      attachments: [said],
    });
  });

  it('stays with words that wait, whatever a page says of it', async () => {
    const task = await startedTask();
    const file = attachmentOf('later.txt');
    await ask(task.stub, message([file], 'later'));
    const [waiting] = (await task.stub.summary())?.queued ?? [];
    expect(waiting?.attachments).toEqual([file]);
    const other = [attachmentOf('another.txt')];
    const messages = [{ id: waiting?.id ?? '', text: 'Look again', attachments: other }];
    await ask(task.stub, { do: 'arrange_queue', messages });
    expect((await task.stub.summary())?.queued).toEqual([
      { id: waiting?.id, text: 'Look again', attachments: [file] },
    ]);
    await task.stub.nextTurn(task.pass());
    expect(await mailOf(task)).toMatchObject([{ text: 'Look again', attachments: [file] }]);
    expect((await briefOf(task)).attachments).toEqual([file]);
  });

  it('that waited with words which are taken back is said to be free, and no other', async () => {
    const task = await startedTask();
    const [given, first, second] = [
      attachmentOf('a.txt'),
      attachmentOf('b.txt'),
      attachmentOf('c.txt'),
    ];
    await ask(task.stub, message([given]));
    await ask(task.stub, message([first, given], 'later'));
    await ask(task.stub, message([second], 'later'));
    const waiting = (await task.stub.summary())?.queued ?? [];
    const asked: TaskCommand = { do: 'arrange_queue', messages: waiting.slice(1) };
    expect(await ask(task.stub, asked)).toEqual({ is: 'done', tookBack: [first.id] });
    expect((await briefOf(task)).attachments).toEqual([given]);
    expect(await ask(task.stub, asked)).toEqual({ is: 'done' });
  });

  it('is fetched with the task’s token, and nothing else of the person’s is', async () => {
    const [own, others] = [attachmentOf('own.txt'), attachmentOf('others.txt')];
    const task = await startedTask({ attachments: [own] });
    const { personId } = task.spec;
    await inBucket(personId, own, 'mine!');
    await inBucket(personId, others, 'other');
    expect(await (await get(task, `attachments/${own.id}`)).text()).toBe('mine!');
    expect((await get(task, `attachments/${others.id}`)).status).toBe(404);
    expect((await get(task, `attachments/${ulid()}`)).status).toBe(404);
    const another = await startedTask({ personId });
    expect((await get(another, `attachments/${own.id}`)).status).toBe(404);
    await task.stub.command(ulid(), CANCEL, APP);
    expect((await get(task, `attachments/${own.id}`)).status).toBe(410);
  });

  it('of which R2 has nothing any more is no more than not there', async () => {
    const file = attachmentOf('gone.txt');
    const task = await startedTask({ attachments: [file] });
    expect((await get(task, `attachments/${file.id}`)).status).toBe(404);
  });
});
