import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ROW_MAX_BYTES } from './fit.ts';
import { SET_ASIDE_TABLE, SetAside, TooLarge } from './set-aside.ts';

const Note = z.object({ text: z.string(), size: z.number() });
const place = { table: 'notes', key: 'n1' };

/** Runs a test with the storage of an object of its own. */
function inStorage(test: (storage: DurableObjectStorage) => void): Promise<void> {
  const stub = env.TASK.get(env.TASK.idFromName(ulid()));
  return runInDurableObject(stub, (_, { storage }) => {
    storage.sql.exec(SET_ASIDE_TABLE);
    test(storage);
  });
}

const bodies = ({ sql }: DurableObjectStorage) =>
  sql.exec<{ body: string }>('SELECT body FROM set_aside').toArray();

describe('a row that is read', () => {
  it('is what its schema makes of it, and nothing is set aside', () =>
    inStorage((storage) => {
      const setAside = new SetAside(storage);
      expect(setAside.readJson(Note, place, '{"text":"a","size":1,"more":2}')).toEqual({
        text: 'a',
        size: 1,
      });
      expect(setAside.list(10)).toEqual({ count: 0, rows: [] });
    }));

  it.each([
    ['no JSON', '{"text":', 'It is not JSON.'],
    ['a missing field', '{"text":"a secret"}', 'Wrong or missing: size.'],
    ['another type', '{"text":["a secret"],"size":1}', 'Wrong or missing: text.'],
    ['another shape', '"a secret"', 'It has another shape.'],
  ])('with %s is set aside with its reason, which says nothing of its content', (_, body, why) =>
    inStorage((storage) => {
      const setAside = new SetAside(storage);
      expect(setAside.readJson(Note, place, body)).toBeNull();
      expect(setAside.list(10)).toEqual({
        count: 1,
        rows: [{ number: 1, ...place, why, at: expect.any(Number) }],
      });
      expect(bodies(storage)).toEqual([{ body }]);
    }),
  );

  it('and cannot be, is named once however often and by whomever it is read', () =>
    inStorage((storage) => {
      for (const setAside of [new SetAside(storage), new SetAside(storage)]) {
        for (let times = 0; times < 3; times++) setAside.readJson(Note, place, '{');
      }
      const { count, rows } = new SetAside(storage).list(10);
      expect({ count, numbers: rows.map(({ number }) => number) }).toEqual({
        count: 1,
        numbers: [1],
      });
    }));

  it('and is damaged in another way later is named by what is wrong now', () =>
    inStorage((storage) => {
      const setAside = new SetAside(storage);
      setAside.readJson(Note, place, '{');
      setAside.readJson(Note, place, '{"text":"a"}');
      expect(setAside.list(10)).toMatchObject({
        count: 1,
        rows: [{ why: 'Wrong or missing: size.' }],
      });
    }));

  it('never throws, even where nothing can be set aside', () =>
    inStorage((storage) => {
      storage.sql.exec('DROP TABLE set_aside');
      expect(new SetAside(storage).readJson(Note, place, '{')).toBeNull();
    }));
});

describe('a row that is written', () => {
  it('is kept as it is when it fits', () =>
    inStorage((storage) => {
      const setAside = new SetAside(storage);
      const value = { text: '\uFFFD'.repeat(350_000), size: 1 };
      expect(setAside.fit(place, value)).toBe(JSON.stringify(value));
      expect(setAside.list(10).count).toBe(0);
    }));

  it('with too long a text is kept with that text cut, in its shape, and named', () =>
    inStorage((storage) => {
      const setAside = new SetAside(storage);
      const json = setAside.fit(place, { text: '😀'.repeat(600_000), size: 1 });
      expect(new TextEncoder().encode(json).byteLength).toBeLessThan(ROW_MAX_BYTES);
      const kept = Note.parse(JSON.parse(json));
      expect(kept.text.isWellFormed()).toBe(true);
      expect(kept).toMatchObject({ text: /^😀.*…$/u, size: 1 });
      expect(setAside.list(10)).toMatchObject({ count: 1, rows: [{ ...place, why: /too large/ }] });
    }));

  it('that is too large in another way is refused', () =>
    inStorage((storage) => {
      const many = Array.from({ length: 300_000 }, () => 'ten chars.');
      expect(() => new SetAside(storage).fit(place, many)).toThrow(TooLarge);
    }));
});
