import type { Page } from 'playwright-core';

/** As late as frames come where other processes take the machine, while timers go on. */
const LATE_MS = 400;

/** Source: what waits for a frame, or for what the frame has measured, waits that much longer. */
const LATE_FRAMES = `(() => {
  const frame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => setTimeout(() => frame(call), ${LATE_MS});
  const Observer = window.ResizeObserver;
  window.ResizeObserver = class extends Observer {
    constructor(call) {
      super((entries, self) => setTimeout(() => call(entries, self), ${LATE_MS}));
    }
  };
})()`;

/** From its next load on, the page is drawn and measured late, as on a machine that has much to do. */
export async function delayFrames(page: Page): Promise<void> {
  await page.addInitScript({ content: LATE_FRAMES });
}
