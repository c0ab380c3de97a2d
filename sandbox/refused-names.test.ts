import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { NameTeller, refusalOf, refuseNames } from './refused-names.ts';

it('a question is refused at once, and its name told once however often it is asked', async () => {
  const told: string[] = [];
  const server = createServer((request, response) => {
    told.push(request.url ?? '');
    response.writeHead(403).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxyPort = typeof address === 'object' ? address?.port : 0;
  const port = await refuseNames(`http://127.0.0.1:${proxyPort}`, 0);
  const resolver = new Resolver({ timeout: 5_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  const asked = [
    resolver.resolve4('C2VjcmV0.Tunnel.example'),
    resolver.resolve6('c2vjcmv0.tunnel.example'),
    resolver.resolveTxt('other.example'),
  ];
  for (const one of await Promise.allSettled(asked)) {
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'EREFUSED' } });
  }
  await expect
    .poll(() => told.toSorted())
    .toEqual(['dns://c2vjcmv0.tunnel.example/', 'dns://other.example/']);
  server.close();
});

it.each([
  ['nothing', ''],
  ['a header alone', '000101000001000000000000'],
  ['a name that does not end', '0001010000010000000000000765'],
  ['a pointer', '000101000001000000000000c00c00010001'],
  ['an answer', '000181000001000000000000016100000100'.padEnd(40, '0')],
])('%s is answered nothing', (_, hex) => {
  expect(refusalOf(Buffer.from(hex, 'hex'))).toBeNull();
});

it('no more than a hundred names wait to be told', async () => {
  const told: string[] = [];
  const { promise: held, resolve: goOn } = Promise.withResolvers<void>();
  const teller = new NameTeller(async (name) => {
    await held;
    told.push(name);
  });
  for (let number = 0; number < 1_000; number++) teller.asked(`h${number}.example`, 5_000);
  goOn();
  await expect.poll(() => told.length).toBe(100);
  teller.asked('h0.example', 5_900);
  teller.asked('h0.example', 6_100);
  await expect.poll(() => told.length).toBe(101);
});
