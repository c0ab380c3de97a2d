import { describe, expect, it } from 'vitest';
import { EVIL, HOSTILE } from './fixtures/hostile-markdown.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { passFrames, wheel } from './harness/frames.ts';
import type { Written } from './harness/written-thread.ts';
import { DEVICES, openWorld } from './world/open.ts';
import { PLACES, type World } from './world/places.ts';
import { NOW } from './world/tasks.ts';
import { WORLD } from './world/world.ts';

const SOON_MS = 20_000;
const MANY_MS = 240_000;
/** Texts in one field that may be long. */
const IN_ONE = 12;

/** What a browser must not do, in the page's own words. */
const WATCH = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
  noteWrong('the policy stopped ' + violatedDirective + ' ' + blockedURI + ' ' + sourceFile);
})`;

/** All that goes wrong in a page from now on. */
async function watched({ page, context }: World, origin: string) {
  const wrong: string[] = [];
  await page.exposeFunction('noteWrong', (text: string) => void wrong.push(text));
  await page.addInitScript({ content: WATCH });
  page.on('dialog', (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('page', (other) => void wrong.push(`a window: ${other.url()}`));
  context.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol !== 'blob:' && protocol !== 'data:' && asked !== origin) {
      wrong.push(`a request: ${request.url()}`);
    }
  });
  return {
    /** What went wrong, and what stands in the document that would once it is touched. */
    look: async () => {
      const standing = await page.evaluate<string[]>(`(() => {
        const wrong = [];
        if (window.ran !== undefined) wrong.push('something ran');
        for (const link of document.querySelectorAll('a[href]')) {
          if (!['https:', 'http:', 'mailto:'].includes(link.protocol)) wrong.push('a link: ' + link.href);
          else if (link.origin !== location.origin && link.target !== '_blank') wrong.push('a link that leaves: ' + link.href);
        }
        for (const one of document.querySelectorAll('main script, main style, main iframe, main object, main embed, main form[action], main base, main meta, main link, main svg script, main template, main img, main video, main audio')) {
          const source = one.getAttribute('src');
          if (!(one.tagName === 'IMG' && source?.startsWith('blob:'))) wrong.push('an element: ' + one.outerHTML.slice(0, 100));
        }
        for (const one of document.querySelectorAll('main *')) {
          for (const { name } of one.attributes) if (name.startsWith('on') || name === 'style' && one.getAttribute('style').includes('url(')) wrong.push('an attribute: ' + name);
        }
        return wrong;
      })()`);
      return [...wrong, ...standing];
    },
  };
}

/** A file that was empty, and has these lines now. */
function patch(text: string): string {
  const lines = text.split('\n');
  return `@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`;
}

/** The same with hostile words wherever somebody's words stand. */
function hostile(written: Written): Written {
  let next = 0;
  const some = (count: number) =>
    Array.from({ length: count }, () => HOSTILE[next++ % HOSTILE.length]).join('\n\n');
  const LONG = /^(?:text|prompt|summary|output|body|plan|value|content)$/;
  const NAMES = /^(?:status|repository|id|at|url|branch|baseBranch|hash)$/;
  const mapped = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => mapped(one, key));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, mapped(one, name)]),
      );
    }
    const isProse = typeof value === 'string' && (/\s/.test(value) || key === 'path');
    if (!isProse || NAMES.test(key)) return value;
    if (key === 'patch') return patch(some(IN_ONE * 4));
    return LONG.test(key) ? some(IN_ONE) : some(1).slice(0, 150);
  };
  return {
    ...(mapped(written, '') as Written),
    settings: written.settings,
    answers: mapped(written.answers, '') as Record<string, unknown>,
  } as Written;
}

const built = servesBuiltPage();

const FRAMES = 6;

describe(`${HOSTILE.length} hostile texts`, () => {
  it('would be noticed', async () => {
    const world = await openWorld(built.browser, DEVICES.desk);
    const { look } = await watched(world, built.url);
    await world.page.goto(built.url);
    await world.page.getByRole('log').waitFor();
    const missed: string[] = [];
    for (const text of [
      `<img src="${EVIL}/x.png">`,
      '<img src=x onerror="window.ran=1">',
      `<a href="javascript:window.ran=1">x</a>`,
    ]) {
      const before = (await look()).length;
      await world.page.evaluate(
        `document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(text)})`,
      );
      await passFrames(world.page, FRAMES);
      if ((await look()).length === before) missed.push(text);
    }
    expect(missed).toEqual([]);
    await world.context.close();
  });

  it(
    'as the conversation: each is read, none does anything',
    async () => {
      const messages = HOSTILE.map((text, at) => ({
        id: `01JZ${String(at).padStart(22, '0')}`,
        from: 'mainloop' as const,
        state: { is: 'done' as const },
        taskIds: [],
        seq: at + 1,
        at: NOW - (HOSTILE.length - at) * 1_000,
        text,
      }));
      const world = await openWorld(built.browser, DEVICES.desk, { messages, inbox: [] });
      const { page } = world;
      const { look } = await watched(world, built.url);
      await page.goto(built.url);
      const log = page.getByRole('log');
      await log.locator('.prose').first().waitFor();
      const wrong = new Set<string>();
      const seen = new Set<string>();
      for (let isThere = false; !isThere;) {
        for (const one of await look()) wrong.add(one);
        for (const one of await page.evaluate<string[]>(
          `[...document.querySelectorAll('[role=log] .prose')].map((one) => one.textContent)`,
        )) {
          seen.add(one);
        }
        await wheel(page, 1, -700);
        isThere = await page.evaluate<boolean>(
          `document.querySelector('[role=log]').scrollTop === 0 && !document.querySelector('[role=log]').textContent.includes('Earlier messages')`,
        );
      }
      expect([...wrong]).toEqual([]);
      expect(seen.size).toBeGreaterThan(HOSTILE.length / 2);
      await world.context.close();
    },
    MANY_MS,
  );

  it(
    'in every place: tasks, plans, questions, activity, changes, file names, pull requests',
    async () => {
      const world = await openWorld(built.browser, DEVICES.desk, hostile(WORLD));
      const { page } = world;
      const { look } = await watched(world, built.url);
      const wrong: string[] = [];
      for (const path of new Set(Object.values(PLACES).map((place) => place.path))) {
        await page.goto(built.url + path);
        await page.getByRole('heading', { level: 1 }).waitFor({ timeout: SOON_MS });
        await passFrames(page, FRAMES);
        if (path.includes('tab=changes')) await page.locator('.diff-line').first().waitFor();
        const folded = page.locator('main [aria-expanded=false]:visible');
        for (let at = (await folded.count()) - 1; at >= 0; at--) {
          await folded
            .nth(at)
            .click({ timeout: 2_000 })
            .catch(() => {});
        }
        await passFrames(page, FRAMES);
        if ((await page.getByRole('main').innerText()) === '') wrong.push(`${path}: nothing`);
        for (const one of await look()) wrong.push(`${path}: ${one}`);
      }
      expect(wrong).toEqual([]);
      await world.context.close();
    },
    MANY_MS,
  );
});
