import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ICONS } from './icon.ts';
import { MANIFEST, SYSTEM_PICTURES } from './manifest.ts';

const fileOf = (src: string) =>
  readFileSync(fileURLToPath(new URL(`./public${src}`, import.meta.url)));

/** Width and height as a PNG says them: https://www.w3.org/TR/png/#11IHDR. */
function sizeOf(png: Buffer): string {
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
}

const { icons = [], shortcuts = [], screenshots = [] } = MANIFEST;
const pictures = [...icons, ...shortcuts.flatMap((one) => one.icons ?? []), ...screenshots];

const sized = pictures.map(({ src, sizes = '', type = '' }) => ({ src, sizes, type }));
it.each(sized.filter(({ type }) => type === 'image/png'))(
  '$src is there, as large as the manifest says',
  ({ src, sizes }) => {
    expect(sizeOf(fileOf(src))).toBe(sizes);
  },
);

it('and what is drawn at any size is an SVG', () => {
  const others = sized.filter(({ type }) => type !== 'image/png');
  expect(others).toEqual([{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' }]);
});

it('what a system needs to install it is there', () => {
  const purposes = new Set(icons.map(({ purpose = 'any' }) => String(purpose)));
  expect(purposes).toEqual(new Set(['any', 'maskable', 'monochrome']));
  for (const purpose of ['any', 'maskable']) {
    const sizes = icons.filter((one) => one.purpose === purpose).map((one) => one.sizes);
    expect(sizes).toEqual(expect.arrayContaining(['192x192', '512x512']));
  }
  expect(MANIFEST).toMatchObject({ id: '/', start_url: '/', scope: '/', display: 'standalone' });
});

it('has a picture of a phone and one of a desk, small, of a shape that systems take', () => {
  expect(screenshots.map((one) => one.form_factor).toSorted()).toEqual(['narrow', 'wide']);
  for (const { src, sizes = '', label = '' } of screenshots) {
    const [width = 0, height = 0] = sizes.split('x').map(Number);
    // https://developer.chrome.com/docs/capabilities/pwa/pwa-richer-install
    expect(Math.max(width, height) / Math.min(width, height)).toBeLessThan(2.3);
    expect(fileOf(src).byteLength).toBeLessThan(200_000);
    expect(label).not.toBe('');
  }
});

it('the app keeps no picture that only the system shows', () => {
  const isKept = (src: string) =>
    !SYSTEM_PICTURES.some((one) => path.matchesGlob(src.slice(1), one));
  const maskable = icons.filter(({ purpose }) => purpose !== 'any');
  const shown = [...maskable, ...shortcuts.flatMap((one) => one.icons ?? []), ...screenshots];
  expect(shown.map(({ src }) => src).filter(isKept)).toEqual([]);
});

it('each shortcut leads to a place of the app', () => {
  const app = readFileSync(fileURLToPath(new URL('./app.tsx', import.meta.url)), 'utf8');
  for (const { url } of shortcuts) {
    const { pathname } = new URL(url, 'http://here');
    expect(app).toMatch(new RegExp(`<Route\\s+path="${pathname}(?:/:\\w+\\?)?"`));
  }
});

it('what is drawn is what is used: no icon is left over, and none is missing', () => {
  const used = new Set(
    [...icons, ...shortcuts.flatMap((one) => one.icons ?? [])].map(({ src }) => src),
  );
  const page = readFileSync(fileURLToPath(new URL('./index.html', import.meta.url)), 'utf8');
  const drawn = Object.keys(ICONS).map((name) => `/${name}`);
  expect(drawn.filter((name) => !used.has(name) && !page.includes(`href="${name}"`))).toEqual([]);
  expect([...used].filter((name) => !drawn.includes(name))).toEqual([]);
  const { svg } = ICONS['icon.svg'] ?? {};
  expect(fileOf('/icon.svg').toString().trim()).toBe(svg);
});
