import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findings } from './harness/axe.ts';
import {
  PHONE,
  type Visitor,
  card,
  conversation,
  go,
  launchBrowser,
  say,
  visit,
} from './harness/browser.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

const SOON_MS = 30_000;

const message = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const shelf = (page: Page) => page.getByRole('main').locator('form').getByRole('listitem');

/** What a system does with what another app shares: a form that is posted to the app's own address. */
function share(page: Page, fields: Record<string, string>, file: string | null = null) {
  return page.evaluate(`(() => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: '/share', enctype: 'multipart/form-data' });
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
      form.append(Object.assign(document.createElement('input'), { name, value }));
    }
    const file = ${JSON.stringify(file)};
    if (file !== null) {
      const data = new DataTransfer();
      data.items.add(new File(['shared words'], file, { type: 'text/plain' }));
      const input = Object.assign(document.createElement('input'), { type: 'file', name: 'files' });
      form.append(input);
      input.files = data.files;
    }
    document.body.append(form);
    form.submit();
  })()`);
}

/** A recogniser that hears what a test says. */
const STAND_IN = `window.SpeechRecognition = class {
  constructor() { window.recogniser = this; }
  start() {}
  stop() { this.onend?.(); }
  abort() { this.isAborted = true; this.onend?.(); }
}`;
const hear = (page: Page, ...phrases: string[]) =>
  page.evaluate(
    `recogniser.onresult({ results: ${JSON.stringify(phrases)}.map((transcript) => [{ transcript }]) })`,
  );

/** All that a page may load, and from where: nothing inline, nothing from elsewhere. */
const POLICY = {
  'default-src': ["'none'"],
  ...Object.fromEntries(
    ['script', 'style', 'font', 'connect', 'manifest', 'worker'].map((of) => [
      `${of}-src`,
      ["'self'"],
    ]),
  ),
  // Attachments before they are uploaded.
  'img-src': ["'self'", 'data:', 'blob:'],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
};

describe('the app as a system has it', () => {
  let stack: TestStack;
  let browser: Browser;
  let phone: Visitor;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    phone = await visit(browser, stack.url, PHONE);
    await phone.page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    await phone.page.reload();
    await message(phone.page).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  it('has a manifest that the browser takes, with all that is in it', async () => {
    const { page } = phone;
    const session = await page.context().newCDPSession(page);
    const { data, errors } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const files = [...(data ?? '').matchAll(/"src":\s*"([^"]+)"/g)].map(([, src]) => src);
    expect(files.length).toBeGreaterThan(8);
    for (const file of files) {
      const answer = await page.request.get(`${stack.url}${file}`);
      expect([file, answer.status(), answer.headers()['content-type']]).toEqual([
        file,
        200,
        expect.stringMatching(/^image\//),
      ]);
    }
  });

  it('has one policy for all that it is made of, with no exception', async () => {
    const { request } = phone.page;
    const shell = await (await request.get(stack.url)).text();
    const assets = [...shell.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file);
    expect(assets.length).toBeGreaterThan(4);
    for (const file of ['/', '/inbox', '/settings/usage', '/tasks/none', '/sw.js', ...assets]) {
      const headers = (await request.get(`${stack.url}${file}`)).headers();
      const policy = headers['content-security-policy'] ?? '';
      const directives = Object.fromEntries(
        policy.split('; ').map((one) => [one.split(' ')[0], one.split(' ').slice(1)]),
      );
      expect([file, directives]).toEqual([file, POLICY]);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    // What the policy would have to make an exception for.
    expect(shell).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:/i);
  });

  it.each([
    ['with a connection', false],
    ['without one', true],
  ])('what is shared with it is a draft, and nothing is sent by itself: %s', async (_, offline) => {
    const { page, context } = phone;
    await context.setOffline(offline);
    const fields = {
      title: 'Release notes',
      text: 'See https://a.example',
      url: 'https://a.example',
    };
    await share(page, fields, 'notes.txt');
    await expect
      .poll(
        () =>
          message(page)
            .inputValue()
            .catch(() => ''),
        { timeout: SOON_MS },
      )
      .toBe('Release notes\nSee https://a.example');
    await expect.poll(() => shelf(page).innerText(), { timeout: SOON_MS }).toContain('notes.txt');
    expect(new URL(page.url()).search).toBe('');
    expect(await conversation(page).getByText('Release notes').count()).toBe(0);
    // Once: a new start of the page does not bring it again.
    await page.reload();
    await expect.poll(() => shelf(page).count()).toBe(1);
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Remove notes.txt' }).click();
    await message(page).fill('');
  });

  it('what did not arrive is said', async () => {
    const { page } = phone;
    await page.goto(`${stack.url}/?share=lost`);
    await page.getByText('What was shared did not arrive here. Share it again.').waitFor();
    await page.goto(stack.url);
  });

  it('where no service worker is there, what is shared goes no further', async () => {
    const context: BrowserContext = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    await page.goto(stack.url);
    await share(page, { text: 'A secret plan' });
    await page.getByText('What was shared did not arrive here. Share it again.').waitFor();
    expect(await message(page).inputValue()).toBe('');
    await context.close();
  });

  it('a shortcut opens it where one writes', async () => {
    const { page } = phone;
    await page.goto(`${stack.url}/?write`);
    await expect
      .poll(() =>
        page
          .locator(':focus')
          .getAttribute('aria-label')
          .catch(() => null),
      )
      .toBe('Message');
  });

  it('words can be spoken: shown as they are heard, and sent by hand', async () => {
    const { page, context } = await visit(browser, stack.url, PHONE);
    const canListen = `'SpeechRecognition' in window || 'webkitSpeechRecognition' in window`;
    const expected = (await page.evaluate<boolean>(canListen)) ? 1 : 0;
    await expect.poll(() => page.getByRole('button', { name: 'Dictate' }).count()).toBe(expected);
    await page.addInitScript(STAND_IN);
    await page.reload();
    await message(page).fill('Please');
    const dictate = page.getByRole('button', { name: 'Dictate' });
    await dictate.click();
    await expect.poll(() => dictate.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Message');
    await hear(page, 'list the');
    await expect.poll(() => message(page).inputValue()).toBe('Please list the');
    expect(await findings(page)).toEqual([]);
    await message(page).press('End');
    await message(page).pressSequentially('m');
    await hear(page, 'list the', 'repositories');
    await expect.poll(() => message(page).inputValue()).toBe('Please list them repositories');
    await page.keyboard.press('Escape');
    expect(await dictate.getAttribute('aria-pressed')).toBe('false');
    expect(await page.evaluate('recogniser.isAborted')).toBe(true);
    await dictate.click();
    await expect.poll(() => dictate.getAttribute('aria-pressed')).toBe('true');
    await page.evaluate(`recogniser.onerror({ error: 'not-allowed' })`);
    await page.getByRole('alert').getByText('The microphone is not allowed here.').waitFor();
    expect(await message(page).inputValue()).toBe('Please list them repositories');
    await page.getByRole('button', { name: 'Close' }).click();
    await dictate.click();
    await expect.poll(() => dictate.getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Send' }).click();
    await conversation(page).getByText('Please list them repositories').waitFor();
    expect(await dictate.getAttribute('aria-pressed')).toBe('false');
    expect(await message(page).inputValue()).toBe('');
    await context.close();
  });

  it('what is half written stays where it was written, whatever happens elsewhere', async () => {
    const { page } = phone;
    await page.goto(stack.url);
    await message(page).fill('Half a thought');
    const other = await visit(browser, stack.url);
    await say(other.page, 'Add a --json flag to the list command, just do it');
    await card(page, /json/i).first().waitFor({ timeout: SOON_MS });
    expect(await message(page).inputValue()).toBe('Half a thought');
    await go(page, 'Tasks');
    await card(page, /json/i).first().getByRole('link').first().click();
    const box = page.getByRole('textbox', { name: 'Message this task' });
    expect(await box.inputValue()).toBe('');
    await box.fill('Half a wish');
    await page.reload();
    await expect.poll(() => box.inputValue()).toBe('Half a wish');
    await go(page, 'Chat');
    expect(await message(page).inputValue()).toBe('Half a thought');
    await other.context.close();
  });
});
