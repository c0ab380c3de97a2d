import type { Browser, BrowserContext, Page } from 'playwright-core';
import { placesWith } from './kept-anywhere.ts';

/** A page that does not answer so long is left out: it may be frozen, or on its way elsewhere. */
const ANSWERS_WITHIN_MS = 5_000;

/** All that a page shows and its origin keeps, by place, as text. */
const KEPT_BY_PAGE = `(async () => {
  const places = {};
  const keep = async (place, read) => {
    // An error page of the browser's own has no storage.
    places[place] = await Promise.resolve().then(read).catch(() => '');
  };
  const bytes = (buffer) => new TextDecoder('latin1').decode(buffer);
  const plain = async (value) => {
    if (value instanceof Blob) return bytes(await value.arrayBuffer());
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return bytes(value);
    if (value instanceof Map || value instanceof Set) return plain([...value]);
    if (Array.isArray(value)) return Promise.all(value.map(plain));
    if (typeof value !== 'object' || value === null) return String(value);
    return Promise.all(Object.entries(value).map(plain));
  };
  // An item may be called 'key' or 'length', as what a storage has itself.
  const itemsOf = (storage) =>
    JSON.stringify(Object.keys(storage).map((key) => [key, storage.getItem(key)]));
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  await keep('the page', () => document.documentElement.outerHTML);
  await keep('localStorage', () => itemsOf(localStorage));
  await keep('sessionStorage', () => itemsOf(sessionStorage));
  await keep('IndexedDB', async () => {
    const all = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const rows = database.transaction(store).objectStore(store);
        all.push(store, await done(rows.getAllKeys()), await done(rows.getAll()));
      }
      database.close();
    }
    return JSON.stringify(await plain(all));
  });
  await keep('the caches', async () => {
    const all = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request);
        all.push(request.url, [...answer.headers], await answer.text());
      }
    }
    return JSON.stringify(all);
  });
  return places;
})()`;

type Search = { secrets: readonly string[]; found: Set<string> };
const SEARCHES = new Set<Search>();
const OPEN = new Set<BrowserContext>();
/** Answers that are being read. */
const READING = new Set<Promise<void>>();

function search(where: string, places: Record<string, string>, searches: Iterable<Search>): void {
  const kept = new Map(
    Object.entries(places).map(([place, text]) => [
      `a browser: ${place} of ${where}`,
      Buffer.from(text),
    ]),
  );
  for (const { secrets, found } of searches) {
    for (const secret of secrets) {
      for (const place of placesWith({ places: kept, setups: [] }, secret)) found.add(place);
    }
  }
}

async function searchPage(page: Page, searches: Iterable<Search>): Promise<void> {
  const late = new Promise<null>((resolve) => {
    setTimeout(resolve, ANSWERS_WITHIN_MS, null).unref();
  });
  const ask = () => page.evaluate<Record<string, string>>(KEPT_BY_PAGE);
  // One that goes elsewhere meanwhile is asked there.
  const kept = ask().catch(() => ask().catch(() => null));
  const places = await Promise.race([kept, late]);
  if (places !== null) search(page.url(), places, searches);
}

async function searchContext(context: BrowserContext, searches: Iterable<Search>): Promise<void> {
  const cookies = await context.cookies().catch(() => []);
  search('all pages', { 'the cookies': JSON.stringify(cookies) }, searches);
  await Promise.all(context.pages().map((page) => searchPage(page, searches)));
}

/** What the context's pages keep is searched before it is closed, and each error that they are answered with. */
function watchContext(context: BrowserContext): BrowserContext {
  OPEN.add(context);
  context.on('response', (response) => {
    if (response.status() < 400 || SEARCHES.size === 0) return;
    const reading = response
      .text()
      .then((text) =>
        search(response.url(), { [`the answer ${response.status()}`]: text }, SEARCHES),
      )
      // The page that asked is gone, and the answer with it.
      .catch(() => {})
      .finally(() => READING.delete(reading));
    READING.add(reading);
  });
  const close = context.close.bind(context);
  return Object.assign(context, {
    close: async (options?: Parameters<typeof close>[0]) => {
      if (OPEN.delete(context)) await searchContext(context, SEARCHES);
      await close(options);
    },
  });
}

/** A browser whose contexts are searched when they close, and when it does. */
export function searched(browser: Browser): Browser {
  const [newContext, close] = [browser.newContext.bind(browser), browser.close.bind(browser)];
  return Object.assign(browser, {
    newContext: async (options?: Parameters<typeof newContext>[0]) =>
      watchContext(await newContext(options)),
    close: async (options?: Parameters<typeof close>[0]) => {
      for (const context of browser.contexts()) {
        if (OPEN.delete(context)) await searchContext(context, SEARCHES);
      }
      await close(options);
    },
  });
}

/**
 * From now on these secrets are looked for in every browser of this process.
 *
 * @returns what ends the search, looks into the browsers that are still open, and says where they stood.
 */
export function searchBrowsers(secrets: readonly string[]): () => Promise<string[]> {
  const one: Search = { secrets, found: new Set() };
  SEARCHES.add(one);
  return async () => {
    await Promise.all([...OPEN].map((context) => searchContext(context, [one])));
    await Promise.all(READING);
    SEARCHES.delete(one);
    return [...one.found];
  };
}
