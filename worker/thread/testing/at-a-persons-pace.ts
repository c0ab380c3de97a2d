import { vi } from 'vitest';

/** As often as one person may go on sending messages. */
const MESSAGE_MS = 2_000;

/** Does it so many times, with a clock on which a person has the time for it. */
export async function atAPersonsPace(
  times: number,
  act: (time: number) => Promise<unknown>,
): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    for (let time = 1; time <= times; time++) {
      vi.setSystemTime(Date.now() + MESSAGE_MS);
      await act(time);
    }
  } finally {
    vi.useRealTimers();
  }
}
