import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Down } from './down.ts';
import { TaskCommand } from './task-command.ts';
import { TaskFeed } from './task-feed.ts';
import { Up } from './up.ts';
import { PRODUCT_VERSION, PROTOCOL_VERSION } from './version.ts';

/**
 * The browser's wire as it was when the version was last raised. A page that was loaded before a
 * deploy speaks the old wire: when this fails, raise PROTOCOL_VERSION and put the new hash here.
 * A task command that is new is no such change, since no older page says it: it gets a line of its
 * own in `commands`. One that has another shape, or is gone, is.
 */
const PINNED = {
  version: 17,
  frames: '4bde03118480f3d4',
  commands: {
    cancel: '4c55326325f3d828',
    retry: 'd9afee9d06d626d1',
    message: '9b2ed9a8a119bc20',
    arrange_queue: 'eae50273344230a0',
    interrupt: '9bf0cdf84b1cdf09',
    set_model: '54fb3d42a0a966b4',
    raise_budget: 'c77a0fbf6eba2b7e',
    merge: '3638cb7c37091baa',
    mend: '1120f396fedd859b',
    answer: '9da621e278a2fde2',
    mark_viewed: 'd39becb3d26e433e',
    decide: '9976849092356f39',
  },
};

const hashOf = (schemas: unknown): string =>
  createHash('sha256').update(JSON.stringify(schemas)).digest('hex').slice(0, 16);

/** The frames without what can be asked of a task. */
const FRAMES = Up.def.options.map((frame) => {
  const schema = z.toJSONSchema(frame);
  const { command: _command, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
});

it('the browser’s wire changes only together with its version', () => {
  const commands = TaskCommand.def.options.map((one) => [
    one.shape.do.def.values[0],
    hashOf(z.toJSONSchema(one)),
  ]);
  expect({
    version: PROTOCOL_VERSION,
    frames: hashOf([...FRAMES, z.toJSONSchema(Down), z.toJSONSchema(TaskFeed)]),
    commands: Object.fromEntries(commands),
  }).toEqual(PINNED);
});

it('the product says which version it is', () => {
  const file = new URL('../package.json', import.meta.url);
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(file, 'utf8')));
  expect(PRODUCT_VERSION).toBe(version);
});
