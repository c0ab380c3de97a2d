import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const CSS = readFileSync(new URL('../theme/style.css', import.meta.url), 'utf8');

/** Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(hex) {
  const [red, green, blue] = hex
    .match(/[0-9a-f]{2}/gi)
    .map((pair) => Number.parseInt(pair, 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** The colour variables of each :root block, in the order of the file. */
function palettes() {
  return [...CSS.matchAll(/:root \{([^}]+)\}/g)].map(([, body]) =>
    Object.fromEntries([...body.matchAll(/--(\w+): (#[0-9a-f]{6});/g)].map(([, ...pair]) => pair)),
  );
}

test('text can be read on what it stands on', () => {
  for (const palette of palettes()) {
    for (const name of ['text', 'quiet', 'link']) {
      const ratio = contrast(palette[name], palette.page);
      assert.ok(ratio >= 4.5, `--${name} on --page has ${ratio.toFixed(1)} to 1`);
    }
    assert.ok(contrast(palette.text, palette.code) >= 4.5, '--text on --code');
  }
});

test('no rule has a colour of its own', () => {
  const rules = CSS.replace(/:root \{[^}]+\}/g, '');
  assert.doesNotMatch(rules, /#[0-9a-f]{3,8}\b/i);
});
