import { Hono } from 'hono';
import { attachmentName, notTaken } from '../../protocol/attachable.ts';
import { Ulid } from '../../protocol/ids.ts';
import type { Person } from '../auth/access.ts';
import type { Env } from '../env.ts';
import { attachmentKey, readBeside, servedAs } from './kept.ts';
import { putAttachment } from './put.ts';

const STATUS = { malformed: 400, empty: 400, cut: 400, size: 413, kind: 415 } as const;
const MALFORMED = { error: 'malformed', text: 'That is no such request.' } as const;
const NOT_FOUND = { error: 'not_found', text: 'There is no such thing here.' } as const;
const LATE = { error: 'cut', text: 'The file took too long to arrive. Send it again.' } as const;

/** What a person attaches: its bytes go to R2 as they come, and from there to whoever may see them. */
export const attachments = new Hono<{ Bindings: Env; Variables: { person: Person } }>()
  .put('/attachments/:id', async (c) => {
    const id = Ulid.safeParse(c.req.param('id'));
    if (!id.success) return c.json(MALFORMED, 400);
    const bytes = Number(c.req.header('content-length') ?? Number.NaN);
    const name = c.req.query('name') ?? '';
    const { body } = c.req.raw;
    if (body === null) {
      return c.json({ error: 'empty', text: notTaken.empty(attachmentName(name)) }, 400);
    }
    const person = c.get('person');
    const thread = c.env.MAIN_THREAD.get(c.env.MAIN_THREAD.idFromName(person.id));
    const put = await putAttachment(
      c.env.CHECKPOINTS,
      person.id,
      { id: id.data, name, bytes },
      body,
      async (plain) => {
        const begun = await thread.beginAttachment(id.data, plain);
        return begun.is === 'open' ? null : begun;
      },
    );
    switch (put.is) {
      case 'whole':
        return c.json(put.attachment);
      case 'refused':
        return 'error' in put
          ? c.json({ error: put.error, text: put.text }, STATUS[put.error])
          : c.json({ error: 'not_possible_now', text: put.text }, 409);
      case 'stored':
        return (await thread.keepAttachment(put.attachment))
          ? c.json(put.attachment)
          : c.json(LATE, 409);
    }
  })
  .get('/attachments/:id', async (c) => {
    const key = await attachmentKey(c.get('person').id, c.req.param('id'));
    const object = key === null ? null : await c.env.CHECKPOINTS.get(key);
    if (object === null) return c.json(NOT_FOUND, 404);
    return c.body(object.body, 200, {
      ...servedAs(readBeside(object)),
      'content-length': String(object.size),
    });
  });
