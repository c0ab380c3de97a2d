import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import { HERE, twoPeople } from '../testing/people.ts';
import { attachmentKey } from './kept.ts';

const { ada, eve, send, pageOf } = twoPeople();

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 1, 2, 3, 4);
const encode = (text: string) => new TextEncoder().encode(text);

async function put(
  person: string | null,
  bytes: Uint8Array | null,
  { id = ulid(), name = 'shot.png', headers = {} as Record<string, string> } = {},
) {
  const length = String(bytes?.byteLength ?? 0);
  const answer = await send(person, `/api/attachments/${id}?name=${encodeURIComponent(name)}`, {
    method: 'PUT',
    headers: { origin: HERE, 'content-length': length, ...headers },
    ...(bytes !== null && { body: new Blob([bytes.slice()]).stream() }),
  });
  return { id, status: answer.status, said: await answer.json<Record<string, unknown>>() };
}

async function lies(person: string, id: string): Promise<boolean> {
  return (await env.CHECKPOINTS.head((await attachmentKey(person, id)) ?? '')) !== null;
}

it('an image comes back as it was, as an image in which nothing runs', async () => {
  const page = await pageOf(ada);
  const { id, status, said } = await put(ada, PNG, { name: 'a “shot”\n(1).png' });
  expect({ status, said }).toEqual({
    status: 200,
    said: { id, name: 'a “shot”(1).png', type: 'image/png', bytes: PNG.byteLength },
  });
  const answer = await send(ada, `/api/attachments/${id}`);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-disposition': `inline; filename*=UTF-8''a%20%E2%80%9Cshot%E2%80%9D%281%29.png`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'content-length': String(PNG.byteLength),
  });
  expect(await answer.bytes()).toEqual(PNG);
  page.close();
});

it.each(['page.html', 'drawing.svg', 'script.js'])(
  'what could run is a text to be saved: %s',
  async (name) => {
    const page = await pageOf(ada);
    const text = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';
    const { id, said } = await put(ada, encode(text), { name });
    expect(said).toMatchObject({ name, type: 'text/plain' });
    const { headers } = await send(ada, `/api/attachments/${id}`);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^attachment;/);
    page.close();
  },
);

it('another person’s id reaches nothing, and takes nothing away', async () => {
  const [adas, eves] = [await pageOf(ada), await pageOf(eve)];
  const { id } = await put(ada, PNG);
  const nothing = await send(eve, `/api/attachments/${ulid()}`);
  const another = await send(eve, `/api/attachments/${id}`);
  expect(another.status).toBe(404);
  expect(await another.text()).toBe(await nothing.text());
  // The same id is another file in her hands.
  await put(eve, encode('hers'), { id, name: 'hers.txt' });
  expect(await (await send(ada, `/api/attachments/${id}`)).bytes()).toEqual(PNG);
  // Nor can she send it on as her own.
  const attachments = [{ id: ulid(), name: 'x', type: 'image/png', bytes: 1 } as const];
  eves.send({ type: 'send', id: ulid(), text: 'Look', attachments });
  expect(await eves.first('refused')).toMatchObject({ code: 'not_found' });
  for (const page of [adas, eves]) page.close();
});

it.each(['%2e%2e%2fx', '..%2f..%2fx', '01ARZ3NDEKTSV4RRFFQ69G5FA', 'x'.repeat(26)])(
  'an address that is no id names nothing: %s',
  async (id) => {
    expect((await send(ada, `/api/attachments/${id}`)).status).toBe(404);
    const answer = await send(ada, `/api/attachments/${id}`, {
      method: 'PUT',
      headers: { origin: HERE, 'content-length': '1' },
      body: 'x',
    });
    expect([400, 404]).toContain(answer.status);
  },
);

it('only from a page of their own, and only by whoever is signed in', async () => {
  const page = await pageOf(ada);
  expect((await put(null, PNG)).status).toBe(401);
  expect((await put(ada, PNG, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  page.close();
});

it.each([
  ['a program', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1), 415, 'kind', /neither an image/],
  ['nothing', null, 400, 'empty', /is empty/],
  ['a text that is too long', encode('x'.repeat(1_000_001)), 413, 'size', /may have 1 MB/],
  ['anything too large', new Uint8Array(3_500_001), 413, 'size', /may have 3.5 MB/],
])('is told in words why a file is not taken: %s', async (_, bytes, status, error, words) => {
  const page = await pageOf(ada);
  const { id, ...answer } = await put(ada, bytes, { name: 'thing' });
  expect(answer).toMatchObject({ status, said: { error } });
  expect(answer.said['text']).toMatch(words);
  expect(await lies(ada, id)).toBe(false);
  page.close();
});

it('sent again after a cut, it is one file', async () => {
  const page = await pageOf(ada);
  const id = ulid();
  expect((await put(ada, PNG, { id, headers: { 'content-length': '20' } })).status).toBe(400);
  expect(await lies(ada, id)).toBe(false);
  const [first, second] = [await put(ada, PNG, { id }), await put(ada, PNG, { id })];
  expect(first).toMatchObject({ status: 200, said: { id } });
  expect(second).toEqual(first);
  page.close();
});
