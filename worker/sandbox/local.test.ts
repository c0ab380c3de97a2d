import { describe, expect, it } from 'vitest';
import { localSandbox } from './local.ts';

const RUN = { taskId: '01JZZZZZZZZZZZZZZZZZZZ0001', generation: 3 };
const ENVIRONMENT = { MAINLOOP_GATEWAY: 'http://gateway.test/gateway', MAINLOOP_TASK_TOKEN: 'mlt' };

/** A sandbox host that writes down what it is asked and answers with what is given. */
function host(answer: () => Response) {
  const asked: { method: string; url: string; authorization: string | null; body: string }[] = [];
  const port = localSandbox('http://host.test', 'key', async (input, init) => {
    const request = new Request(input, init);
    const { method, url, headers } = request;
    asked.push({
      method,
      url,
      authorization: headers.get('authorization'),
      body: await request.text(),
    });
    return answer();
  });
  return { port, asked };
}

const away = () => {
  throw new TypeError('connection refused');
};

describe('the local sandbox host', () => {
  it('is asked by task and generation, with its key', async () => {
    const { port, asked } = host(() => Response.json({ alive: true }));
    await port.ensure(RUN, ENVIRONMENT);
    await port.alive(RUN);
    await port.stop(RUN);
    expect(asked.map(({ method }) => method)).toEqual(['PUT', 'GET', 'DELETE']);
    for (const { url, authorization } of asked) {
      expect(url).toBe(`http://host.test/runs/${RUN.taskId}/3`);
      expect(authorization).toBe('Bearer key');
    }
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual(ENVIRONMENT);
  });

  it.each([true, false])('says whether a sandbox lives: %s', async (alive) => {
    expect(await host(() => Response.json({ alive })).port.alive(RUN)).toBe(alive);
  });

  it.each([
    ['answers with an error', () => Response.json({ alive: true }, { status: 500 })],
    ['answers something else', () => new Response('hello')],
    ['is away', away],
  ])('has not said that a sandbox is gone when it %s', async (_, answer) => {
    await expect(host(answer).port.alive(RUN)).rejects.toThrow();
  });

  it('what it did not do is an error, so that it is tried again', async () => {
    const refused = host(() => new Response('no room', { status: 503 })).port;
    await expect(refused.ensure(RUN, ENVIRONMENT)).rejects.toThrow('503: no room');
    await expect(refused.stop(RUN)).rejects.toThrow('503: no room');
    await expect(host(away).port.stop(RUN)).rejects.toThrow('connection refused');
  });
});
