import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { sandboxPort } from './choose.ts';

const RUN = { taskId: '01JZZZZZZZZZZZZZZZZZZZ0001', generation: 1 };

describe('an installation without sandboxes', () => {
  const { LOCAL_SANDBOX_URL: _, ...without } = env;

  it('says what is missing when one is wanted, and has none that lives', async () => {
    const port = sandboxPort(without);
    const environment = { MAINLOOP_GATEWAY: '', MAINLOOP_TASK_TOKEN: '' };
    await expect(port.ensure(RUN, environment)).rejects.toThrow(/bind SANDBOX/);
    expect(await port.alive(RUN)).toBe(false);
  });
});
