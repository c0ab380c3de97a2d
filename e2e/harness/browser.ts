import {
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
  chromium,
} from 'playwright-core';
import { CHROMIUM_ARGUMENTS, ensureChromium, ensureHeadlessShell } from '../../dev/chromium.ts';
import { searched } from './browser-storage.ts';

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1440, height: 900 };

export type Visitor = {
  page: Page;
  context: BrowserContext;
  /** Warnings, errors and failed requests that the browser reported. */
  complaints: string[];
};

/** A browser in which planted secrets are looked for before it closes. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = ensureHeadlessShell();
  return searched(await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS }));
}

/** The same as people have it, for what the headless shell has not: notifications. */
export async function launchWholeBrowser(): Promise<Browser> {
  const executablePath = ensureChromium();
  return searched(await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS }));
}

/** A browser of its own (fresh storage) on the given address. */
export async function visit(
  browser: Browser,
  url: string,
  viewport: { width: number; height: number } = PHONE,
): Promise<Visitor> {
  // Painting what pulses takes a core without a graphics card.
  const reducedMotion = 'reduce';
  const context = await browser.newContext({
    viewport,
    hasTouch: viewport === PHONE,
    reducedMotion,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, context, complaints };
}

/** Writes a message as a person does. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

export function conversation(page: Page): Locator {
  return page.getByRole('log', { name: 'Conversation' });
}

/** The task card or row with this title, in the page's main part. */
export function card(page: Page, title: string | RegExp): Locator {
  return page.getByRole('main').getByRole('article', { name: title });
}

/** Opens the item of the inbox with this title as a person does, by its row. */
export async function openItem(page: Page, title: string | RegExp): Promise<Locator> {
  await go(page, 'Inbox');
  await page
    .getByRole('list', { name: 'Needs you' })
    .getByRole('link', { name: title })
    .first()
    .click();
  return card(page, title);
}

export function go(page: Page, place: 'Chat' | 'Inbox' | 'Tasks' | 'Settings'): Promise<void> {
  return page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: new RegExp(`^${place}`) })
    .click();
}
