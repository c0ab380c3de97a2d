import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isNamed } from './name-servers.ts';

const RCODES = { none: 3, refused: 5 };
let socket: Socket;
let server: string;
/** How the server answers: with an address of this kind, with none, or not as it should. */
let answers: 'A' | 'AAAA' | 'none' | 'refused';
let asked: number;

beforeEach(async () => {
  asked = 0;
  socket = createSocket('udp4', (query, { port, address }) => {
    asked += 1;
    const [type, zero] = [query.readUInt16BE(query.indexOf(0, 12) + 1), Buffer.alloc(4)];
    const rdata = { 1: Buffer.from([192, 0, 2, 1]), 28: Buffer.alloc(16, 1) }[type];
    const has = type === { A: 1, AAAA: 28, none: 0, refused: 0 }[answers];
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8400 | (answers in RCODES ? RCODES[answers as 'none'] : 0), 2);
    head.writeUInt16BE(has ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, ...zero, 0, rdata?.length ?? 0]);
    const answer = has && rdata !== undefined ? [record, rdata] : [];
    socket.send(Buffer.concat([head, question, ...answer]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  server = `127.0.0.1:${socket.address().port}`;
});
afterEach(() => new Promise<void>((resolve) => socket.close(() => resolve())));

const named = () => isNamed('mainloop.example.com', ['ns.example.com'], async () => server);

it.each([
  ['A', true],
  ['AAAA', true],
  ['none', false],
  ['refused', null],
] as const)('a name server that answers %s has said %s', async (answer, is) => {
  answers = answer;
  expect(await named()).toBe(is);
});

it('the next one is asked where one says nothing, and nobody where none can be found', async () => {
  answers = 'A';
  const addressOf = async (one: string) => (one === 'b' ? server : Promise.reject(new Error('x')));
  expect(await isNamed('mainloop.example.com', ['a', 'b'], addressOf)).toBe(true);
  expect(asked).toBe(1);
  expect(await isNamed('mainloop.example.com', ['a'], addressOf)).toBeNull();
});
