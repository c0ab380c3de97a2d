import { createServer } from 'node:http';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../dev/ports.ts';
import { conversation, launchBrowser, say, visit } from './harness/browser.ts';
import { connect, replyTo } from './harness/client.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const AUDIENCE = 'the-audience-of-the-test';
const DONE_MS = 90_000;
/** Messages of the one who is to notice nothing. */
const WORDS = 10;
const FLOOD_MS = 100;

describe('two people of one installation behind Cloudflare Access', () => {
  let stack: TestStack;
  let team: string;
  let tokenFor: (subject: string, claims?: { audience?: string }) => Promise<string>;
  let stopKeys: () => void;

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    const port = await freePort();
    team = `http://127.0.0.1:${port}`;
    const server = createServer((request, response) => {
      const known = request.url === '/cdn-cgi/access/certs';
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(known ? { keys: [jwk] } : {}));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    stopKeys = () => {
      server.closeAllConnections();
      server.close();
    };
    tokenFor = (subject, claims) =>
      new SignJWT({ email: `${subject}@example.com` })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setSubject(subject)
        .setIssuer(team)
        .setAudience(claims?.audience ?? AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey);
    stack = await startTestStack({ settings: { ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: AUDIENCE } });
  });

  afterAll(async () => {
    await stack.stop();
    stopKeys();
  });

  const headersOf = async (subject: string) => ({
    'cf-access-jwt-assertion': await tokenFor(subject),
  });

  it('see nothing of each other: conversation, tasks, feeds', async () => {
    const ada = await connect(stack.url, { headers: await headersOf('ada') });
    const bob = await connect(stack.url, { headers: await headersOf('bob') });
    await replyTo(ada, ada.send({ type: 'send', text: 'Add a --json flag to the list command' }));
    const [task] = await untilTasks(ada, (lines) => lines.length === 1, DONE_MS);
    const id = task?.id ?? '';

    expect((await bob.snapshot()).messages).toEqual([]);
    await untilTasks(ada, (lines) => lines[0]?.status === 'In review', DONE_MS);
    expect(bob.entries()).toEqual([]);

    const bobs = await headersOf('bob');
    const nothing = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    for (const path of [
      (one: string) => `/api/tasks/${one}`,
      (one: string) => `/api/tasks/${one}/feed`,
    ]) {
      const ask = async (one: string) => {
        const headers = { ...bobs, origin: stack.url };
        const answer = await fetch(`${stack.url}${path(one)}`, { headers });
        return { status: answer.status, text: await answer.text() };
      };
      expect(await ask(id)).toEqual(await ask(nothing));
    }
    for (const command of [
      { do: 'cancel', close: true },
      { do: 'retry', from: 'scratch' },
    ] as const) {
      const asked = bob.ask(id, command);
      const frame = await bob.until((one) => one.type === 'refused' && one.id === asked);
      expect(frame).toMatchObject({ code: 'not_found' });
    }
    const seen = await fetch(`${stack.url}/api/tasks/${id}`, { headers: await headersOf('ada') });
    expect(seen.status).toBe(200);
    ada.close();
    bob.close();
  }, 150_000);

  it('are answered while the other asks at a hundred times the pace, who is told so', async () => {
    const ada = await connect(stack.url, { headers: await headersOf('ada') });
    const headers = await headersOf('eve');
    const eve = await connect(stack.url, { headers });
    /** Milliseconds from a message to the first letter of its reply. */
    const firstLetters = async () => {
      const times: number[] = [];
      for (let count = 0; count < WORDS; count++) {
        const [from, begun] = [ada.frames.length, performance.now()];
        const id = ada.send({ type: 'send', text: 'Which repositories do you see?' });
        await ada.until(() => ada.frames.slice(from).some(({ type }) => type === 'delta'));
        times.push(performance.now() - begun);
        await replyTo(ada, id);
      }
      return times.toSorted((one, other) => one - other);
    };
    const alone = await firstLetters();
    const flood = setInterval(() => {
      for (let count = 0; count < 2; count++) eve.send({ type: 'send', text: 'And again' });
      void fetch(`${stack.url}/api/messages`, { headers }).catch(() => {});
    }, FLOOD_MS);
    const beside = await firstLetters();
    await eve.until((one) => one.type === 'refused' && one.text.includes('faster than'), DONE_MS);
    clearInterval(flood);
    const refused = eve.frames.filter(({ type }) => type === 'refused');
    expect(ada.frames.some(({ type }) => type === 'refused')).toBe(false);
    const middle = (times: number[]) => times[Math.floor(times.length / 2)] ?? Infinity;
    console.log(
      `first letter, median: ${middle(alone).toFixed(0)} ms alone, ${middle(beside).toFixed(0)} ms beside a flood of which ${refused.length} messages were refused`,
    );
    ada.close();
    eve.close();
  }, 150_000);

  it('have to be vouched for: no token, a token for another application, another origin', async () => {
    const url = `${stack.url}/api/messages`;
    expect((await fetch(url)).status).toBe(401);
    const wrong = await tokenFor('ada', { audience: 'another application' });
    const headers = { 'cf-access-jwt-assertion': wrong };
    expect((await fetch(url, { headers })).status).toBe(401);
    const origin = { ...(await headersOf('ada')), origin: 'https://evil.example' };
    await expect(connect(stack.url, { headers: origin })).rejects.toThrow();
  });

  it('on one device one after the other: nothing is shown to, or sent as, the other', async () => {
    const browser = await launchBrowser();
    const { page, context } = await visit(browser, `${stack.url}/icon.svg`);
    await context.setExtraHTTPHeaders(await headersOf('cleo'));
    await page.goto(stack.url);
    await say(page, 'Which repositories do you see?');
    await conversation(page).getByText('acme/site').first().waitFor();
    await context.setOffline(true);
    await say(page, 'What Cleo wrote in a tunnel');
    await conversation(page)
      .getByText(/Waits for the connection/)
      .waitFor();
    await context.setExtraHTTPHeaders(await headersOf('dan'));
    await context.setOffline(false);
    await page.goto(stack.url);
    await page.getByText('What should get done?').waitFor();
    expect(
      await conversation(page)
        .getByText(/acme\/site|Cleo/)
        .count(),
    ).toBe(0);
    await say(page, 'Hello from Dan');
    await conversation(page).getByText('Stored').first().waitFor({ state: 'attached' });
    const dan = await connect(stack.url, { headers: await headersOf('dan') });
    const texts = (await dan.snapshot()).messages.filter(({ from }) => from === 'person');
    expect(texts.map(({ text }) => text)).toEqual(['Hello from Dan']);
    dan.close();
    await context.setExtraHTTPHeaders(await headersOf('cleo'));
    await page.goto(stack.url);
    const isStored = async () =>
      (
        await (
          await fetch(`${stack.url}/api/messages?limit=5`, { headers: await headersOf('cleo') })
        ).text()
      ).includes('What Cleo wrote in a tunnel');
    await expect.poll(isStored).toBe(true);
    await browser.close();
  });
});
