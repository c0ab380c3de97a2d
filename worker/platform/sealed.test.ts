import { describe, expect, it } from 'vitest';
import { type SealingKeys, open, readKeys, seal } from './sealed.ts';

const keyOf = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const BELONGS = ['person', 'acme/todo', 'NPM_TOKEN'];

async function keysOf(text: string): Promise<SealingKeys> {
  const read = await readKeys(text);
  if (read.is === 'none') throw new Error(read.why);
  return read.keys;
}

describe('what is sealed', () => {
  it('opens again, and shows nothing of what is in it', async () => {
    const keys = await keysOf(`1:${keyOf(1)}`);
    const sealed = await seal(keys, 'hunter2 ✓', BELONGS);
    expect(sealed).not.toContain('hunter2');
    expect(sealed).toMatch(/^1\./);
    expect(await open(keys, sealed, BELONGS)).toEqual({ is: 'opened', text: 'hunter2 ✓' });
  });

  it('is another text each time', async () => {
    const keys = await keysOf(`1:${keyOf(1)}`);
    expect(await seal(keys, 'same', BELONGS)).not.toBe(await seal(keys, 'same', BELONGS));
  });

  it.each([
    ['another person', ['other', 'acme/todo', 'NPM_TOKEN']],
    ['another repository', ['person', 'acme/site', 'NPM_TOKEN']],
    ['another name', ['person', 'acme/todo', 'PUBLIC']],
    ['the same words cut elsewhere', ['person', 'acme/todo","NPM_TOKEN']],
  ])('does not open for %s', async (_, belongsTo) => {
    const keys = await keysOf(`1:${keyOf(1)}`);
    const sealed = await seal(keys, 'secret', BELONGS);
    expect(await open(keys, sealed, belongsTo)).toMatchObject({ is: 'closed' });
  });

  it('opens after a newer key came, and not once its own is gone', async () => {
    const sealed = await seal(await keysOf(`1:${keyOf(1)}`), 'secret', BELONGS);
    const both = await keysOf(`2:${keyOf(2)}, 1:${keyOf(1)}`);
    expect(await open(both, sealed, BELONGS)).toMatchObject({ is: 'opened' });
    expect(await seal(both, 'secret', BELONGS)).toMatch(/^2\./);
    const newer = await keysOf(`2:${keyOf(2)}`);
    expect(await open(newer, sealed, BELONGS)).toMatchObject({ why: /no key 1/ });
  });

  it.each([
    ['is cut', (sealed: string) => sealed.slice(0, -2)],
    [
      'is changed',
      (sealed: string) =>
        sealed.replace(/[^.]{5}$/, (end) => (end === 'AAAAA' ? 'BBBBB' : 'AAAAA')),
    ],
    ['is no such text', () => 'secret'],
  ])('does not open when it %s', async (_, change) => {
    const keys = await keysOf(`1:${keyOf(1)}`);
    const sealed = await seal(keys, 'a secret of some length', BELONGS);
    expect(await open(keys, change(sealed), BELONGS)).toMatchObject({ is: 'closed' });
  });
});

describe('keys', () => {
  it.each([[undefined], [''], [' ']])('that are not set (%j) are missed in words', async (text) => {
    expect(await readKeys(text)).toMatchObject({ is: 'none', why: /Set ENCRYPTION_KEYS/ });
  });

  it.each([
    'secret',
    keyOf(1),
    `1:${Buffer.alloc(16).toString('base64')}`,
    `1:${keyOf(1)},1:${keyOf(2)}`,
    `0:${keyOf(1)}`,
  ])('that are written wrongly (%s) are refused without being repeated', async (text) => {
    const read = await readKeys(text);
    expect(read).toMatchObject({ is: 'none', why: /not written as/ });
    expect(JSON.stringify(read)).not.toContain(text);
  });
});
