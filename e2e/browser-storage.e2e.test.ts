import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, visit } from './harness/browser.ts';
import { searchBrowsers } from './harness/browser-storage.ts';

/** For each place where a page may keep something, what keeps it there. */
const KEEPS: Record<string, (secret: string) => string> = {
  localStorage: (secret) => `localStorage.setItem('key', 'Bearer ${secret}')`,
  sessionStorage: (secret) => `sessionStorage.setItem('${secret}', 'is a key')`,
  'the cookies': (secret) => `document.cookie = 'key=${secret}'`,
  'the page': (secret) => `document.title = 'no ${secret}'`,
  'the caches': (secret) =>
    `caches.open('one').then((cache) => cache.put('/x', new Response('{"key":"${btoa(`xy${secret}z`)}"}')))`,
  'the answer 500': (secret) =>
    `fetch('/error?${encodeURIComponent(secret)}').then((r) => r.text())`,
  IndexedDB: (secret) => `new Promise((resolve) => {
    const opening = indexedDB.open('kept', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('kept');
    opening.onsuccess = () => {
      const change = opening.result.transaction('kept', 'readwrite');
      change.objectStore('kept').put({ files: [new Blob(['of ${secret}'])] }, 'key');
      change.oncomplete = resolve;
    };
  })`,
};

describe('what a browser keeps', () => {
  let browser: Browser;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const [path, said = ''] = (request.url ?? '').split('?');
      response.writeHead(path === '/error' ? 500 : 200, { 'content-type': 'text/html' });
      response.end(path === '/error' ? `It broke at ${said}` : '<title>a page</title>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  it.each(Object.entries(KEEPS))('is searched: %s', async (place, keeps) => {
    const secret = randomUUID();
    const stop = searchBrowsers([secret]);
    const { page, context } = await visit(browser, url);
    await page.evaluate(keeps(secret));
    await context.close();
    expect(await stop()).toEqual([expect.stringContaining(`a browser: ${place} of`)]);
  });

  it('is searched also where the browser is still open at the end, or is closed first', async () => {
    const secret = randomUUID();
    const [one, other] = [searchBrowsers([secret]), searchBrowsers([secret, 'another'])];
    const second = await launchBrowser();
    const { page } = await visit(second, url);
    await page.evaluate(`localStorage.setItem('key', '${secret}')`);
    expect(await one()).toHaveLength(1);
    await second.close();
    expect(await other()).toHaveLength(1);
  });

  it('is nothing where nothing was kept', async () => {
    const stop = searchBrowsers([randomUUID()]);
    await (await visit(browser, url)).context.close();
    expect(await stop()).toEqual([]);
  });
});
