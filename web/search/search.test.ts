import { describe, expect, it } from 'vitest';
import { emptyState } from '../state/state.ts';
import { searchHere } from './here.ts';
import { type Searched, createSearching } from './searching.ts';

/** A search whose answers come when the test says so. */
function typing() {
  const asked: { query: string; answer: (found: string) => Promise<void> }[] = [];
  const ended: (Searched<string> | null)[] = [];
  const type = createSearching<string>({
    search: (query) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const answer = async (found: string) => {
        resolve(found);
        await new Promise((done) => setTimeout(done));
      };
      asked.push({ query, answer });
      return promise;
    },
    onStart: () => {},
    onEnd: (one) => ended.push(one),
  });
  return { type, asked, ended, queries: () => asked.map(({ query }) => query) };
}

describe('while one types', () => {
  it('one search is under way at a time, and the last state of the words is the next', async () => {
    const { type, asked, ended, queries } = typing();
    for (const query of ['j', 'js', 'jso', 'json ']) type(query);
    expect(queries()).toEqual(['j']);
    await asked[0]?.answer('some');
    expect(queries()).toEqual(['j', 'json']);
    await asked[1]?.answer('others');
    expect(ended).toEqual([
      { query: 'j', outcome: 'some' },
      { query: 'json', outcome: 'others' },
    ]);
  });

  it('what was emptied shows nothing, even when an answer comes late', async () => {
    const { type, asked, ended } = typing();
    type('j');
    type('');
    await asked[0]?.answer('late');
    expect(ended).toEqual([null]);
    type('k');
    await asked[1]?.answer('found');
    expect(ended).toEqual([null, { query: 'k', outcome: 'found' }]);
  });
});

describe('what this device holds', () => {
  const said = (seq: number, text: string) => ({
    id: `01JZZZZZZZZZZZZZZZZZZZ000${seq}`,
    from: 'person' as const,
    text,
    at: seq,
    seq,
  });

  it('is found by all of the words, the newest first, each once', () => {
    const last = said(3, `${'x'.repeat(2_000)} a flag for JSON`);
    const state = {
      ...emptyState(),
      messages: [said(2, 'Add a --json flag'), last],
      passage: { messages: [said(1, 'JSON has no flag'), last], hasOlder: true },
    };
    const hits = searchHere(state, ['json', 'flag']);
    expect(hits.map(({ at }) => at)).toEqual([3, 2, 1]);
    expect(hits[0]?.text).toMatch(/a flag for JSON$/);
    expect(hits[0]?.text.length).toBeLessThan(610);
    expect(searchHere(state, [])).toEqual([]);
  });
});
