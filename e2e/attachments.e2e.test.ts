import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../dev/githost/git.ts';
import {
  DESK,
  PHONE,
  type Visitor,
  card,
  conversation,
  go,
  launchBrowser,
  say,
  visit,
} from './harness/browser.ts';
import { findings } from './harness/axe.ts';
import { type Client, connect } from './harness/client.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const SOON_MS = 30_000;
const DONE_MS = 120_000;
const CSV = 'name,due\nmilk,2026-12-01\n';

const text = (name: string, content: string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
});

/** An image of this size, as the browser itself makes one. */
async function picture(page: Page, name: string, width: number, height: number, type: string) {
  const url = await page.evaluate<string>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: ${width}, height: ${height} });
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#4338ca';
    pen.fillRect(0, 0, ${width} / 2, ${height});
    return canvas.toDataURL('${type}');
  })()`);
  return { name, mimeType: type, buffer: Buffer.from(url.split(',')[1] ?? '', 'base64') };
}

type Given = ReturnType<typeof text>;

async function choose(page: Page, files: Given[]): Promise<void> {
  await page.getByRole('button', { name: 'Attach', exact: true }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files' }).click();
  await (await chooser).setFiles(files);
}

/** Files on the clipboard or under the pointer, as a browser hands them over. */
function hand(page: Page, how: 'paste' | 'drop', { name, mimeType, buffer }: Given) {
  return page.evaluate(`(() => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob('${buffer.toString('base64')}'), (one) => one.charCodeAt(0));
    data.items.add(new File([bytes], '${name}', { type: '${mimeType}' }));
    const box = document.querySelector('main textarea');
    box.dispatchEvent('${how}' === 'paste'
      ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  })()`);
}

const shelf = (page: Page) => page.getByRole('main').locator('form').getByRole('listitem');
const thumbnail = (page: Page, name: string) => conversation(page).getByRole('img', { name });

describe('files that a person attaches', () => {
  let stack: TestStack;
  let browser: Browser;
  let client: Client;
  let phone: Visitor;
  let desk: Visitor;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    client = await connect(stack.url);
    await client.snapshot();
    phone = await visit(browser, stack.url, PHONE);
    desk = await visit(browser, stack.url, DESK);
  });

  afterAll(async () => {
    client.close();
    await browser.close();
    await stack.stop();
  });

  it('are chosen, pasted and dropped, and seen by the conversation', async () => {
    const { page } = desk;
    await choose(page, [await picture(page, 'logo.png', 64, 48, 'image/png')]);
    await hand(page, 'paste', await picture(page, 'image.png', 30, 20, 'image/png'));
    await hand(page, 'drop', text('notes.md', '# Notes\n\nGrüße\n'));
    await expect
      .poll(() => shelf(page).allInnerTexts(), { timeout: SOON_MS })
      .toEqual([
        expect.stringMatching(/^logo\.png\n\d+ bytes/),
        expect.stringMatching(/^pasted-[\d.]+\.png\n\d+ bytes/),
        expect.stringMatching(/^notes\.md\n17 bytes/),
      ]);
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send' }).click();
    await conversation(page)
      .getByText(/I have logo\.png \(PNG, 64 × 48 pixels\)/)
      .waitFor({ timeout: SOON_MS });
    expect(await shelf(page).count()).toBe(0);
    const seen = `document.querySelector('[role=log] img[alt="logo.png"]').naturalWidth`;
    await expect.poll(() => page.evaluate(seen)).toBe(64);
    // The text is folded, and fetched when it is opened.
    await conversation(page).locator('summary', { hasText: 'notes.md' }).click();
    await page.getByLabel('Text of notes.md').getByText('Grüße').waitFor();
    expect(await findings(page)).toEqual([]);
    // The other device has them, too.
    await thumbnail(phone.page, 'logo.png').waitFor();
  });

  it('are refused in words, by what is in them and not by their names', async () => {
    const { page } = phone;
    await choose(page, [
      text('fake.png', '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0'),
      text('empty.txt', ''),
      text('long.log', 'x'.repeat(1_000_001)),
      text('fine.txt', 'fine'),
    ]);
    const said = page.getByRole('main').getByRole('alert');
    await said
      .getByText('fake.png is neither an image (PNG, JPEG, GIF, WebP) nor a text')
      .waitFor();
    await said.getByText('empty.txt is empty.').waitFor();
    await said.getByText('long.log has 1 MB. A text file may have 1 MB.').waitFor();
    await expect.poll(() => shelf(page).count()).toBe(1);
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove fine.txt' }).click();
    expect(await shelf(page).count()).toBe(0);
  });

  it('are scaled down before they are sent, where they are large', async () => {
    const { page } = phone;
    const sent = page.waitForRequest((request) => request.method() === 'PUT');
    await choose(page, [await picture(page, 'photo.jpg', 4_000, 3_000, 'image/jpeg')]);
    await sent;
    await expect
      .poll(() => shelf(page).innerText(), { timeout: SOON_MS })
      .toMatch(/photo.jpg\n\d+/);
    await page.getByRole('button', { name: 'Send' }).click();
    await conversation(page)
      .getByText(/photo\.jpg \(JPEG, 2000 × 1500 pixels\)/)
      .waitFor({ timeout: SOON_MS });
  });

  it('wait without a connection, over a new start of the page, and go with their words', async () => {
    const { page, context } = phone;
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    await page.reload();
    await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
    await choose(page, [text('warm.txt', 'warm')]);
    await expect.poll(() => shelf(page).innerText()).toContain('4 bytes');
    await page.getByRole('button', { name: 'Remove warm.txt' }).click();
    await context.setOffline(true);
    await choose(page, [text('offline.txt', 'from a tunnel')]);
    await page.getByText('Waits for the connection').first().waitFor();
    // A draft, first: it is there after a new start, words and files.
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('From a tunnel');
    await page.reload();
    await expect.poll(() => shelf(page).innerText(), { timeout: SOON_MS }).toContain('offline.txt');
    await page.getByRole('button', { name: 'Send' }).click();
    await conversation(page).getByText('From a tunnel').waitFor();
    await page.reload();
    await conversation(page).getByText('offline.txt').first().waitFor({ timeout: SOON_MS });
    await context.setOffline(false);
    await thumbnail(desk.page, 'photo.jpg').waitFor();
    await conversation(desk.page).getByText('offline.txt').first().waitFor({ timeout: SOON_MS });
    await conversation(page).locator('summary', { hasText: 'offline.txt' }).click();
    await page.getByLabel('Text of offline.txt').getByText('from a tunnel').waitFor();
  });

  it(
    'come to the worker that they are meant for, which commits them',
    async () => {
      const { page } = desk;
      await choose(page, [text('todo list.csv', CSV)]);
      await say(page, 'Add this file to the repository, just do it');
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      const bare = path.join(stack.dataDir, 'githost', 'repositories', `${task?.repository}.git`);
      const show = async (file: string) =>
        String(await git(bare, ['show', `${task?.branch}:${file}`]).catch(() => ''));
      expect(await show('todo-list.csv')).toBe(CSV);

      // And to one that is spoken to on its own page, an image among them.
      await go(page, 'Tasks');
      await card(page, /Add this file/)
        .first()
        .getByRole('link')
        .first()
        .click();
      await choose(page, [
        text('more.csv', 'x,y\n'),
        await picture(page, 'sketch.png', 50, 40, 'image/png'),
      ]);
      await page
        .getByRole('textbox', { name: 'Message this task' })
        .fill('Add these files to the repository as well');
      await page.getByRole('button', { name: 'Send' }).click();
      const activity = async () =>
        (await fetch(`${stack.url}/api/tasks/${task?.id}/events?limit=200`)).text();
      await expect
        .poll(activity, { timeout: DONE_MS })
        .toContain('I see the attached image: PNG, 50 × 40 pixels');
      expect(await activity()).toContain('sketch.png');
      await expect.poll(() => show('more.csv'), { timeout: DONE_MS }).toBe('x,y\n');
    },
    DONE_MS * 3,
  );

  it('the browser has complained about nothing', () => {
    // What is offline fails, and axe brings a style of its own.
    const known = /ERR_INTERNET_DISCONNECTED|WebSocket connection|Applying inline style/;
    expect([...phone.complaints, ...desk.complaints].filter((one) => !known.test(one))).toEqual([]);
  });
});
