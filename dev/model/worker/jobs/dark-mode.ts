import { after, atEnd, swap } from '../edits.ts';
import { type Job, changed } from '../job.ts';

const STYLE = 'theme/style.css';
const PAGE = 'src/page.js';

const DARK = `
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117;
    --text: #e6edf3;
    --quiet: #9198a1;
    --link: #58a6ff;
    --line: #3d444d;
    --code: #1c2330;
  }
}
`;

const CONTRAST_TEST = `
test('the dark palette is one, and names every colour of the light one', () => {
  const [light, dark, ...more] = palettes();
  assert.deepEqual(more, []);
  assert.deepEqual(Object.keys(dark), Object.keys(light));
  assert.match(CSS, /@media \\(prefers-color-scheme: dark\\) \\{\\s*:root/);
  assert.ok(luminance(dark.page) < 0.05, 'a dark page');
  assert.ok(luminance(light.page) > 0.95, 'a light page');
});
`;

const SITE_TEST = `
test('a page tells the browser that it comes in light and dark, before the stylesheet', () => {
  const html = readFileSync(join(out, 'index.html'), 'utf8');
  const scheme = html.indexOf('<meta name="color-scheme" content="light dark">');
  assert.ok(scheme > 0);
  assert.ok(scheme < html.indexOf('<link rel="stylesheet"'));
});
`;

const LOOK = `
Light and dark follow the reader's system: the variables have a second set of values under
\`prefers-color-scheme: dark\`. A colour that is added to one set is added to the other.
`;

export const darkMode: Job = {
  matches: (task) => /\bdark\b/i.test(task),
  needs: [STYLE, PAGE, 'test/contrast.test.js'],
  title: () => 'Add dark mode',
  headline: () => 'The site follows the light or dark appearance of the reader’s system.',
  why: () =>
    'The pages were white whatever the reader’s system was set to. They now follow `prefers-color-scheme`: the colours are variables already, so dark mode is a second set of values and no rule changes. Each page has the `color-scheme` hint before its stylesheet, so that nothing flashes white and form controls and scroll bars fit. No script, no switch.',
  carriesOut: (remark) => /\breadme\b/i.test(remark),

  stages: () => [
    { is: 'read', path: STYLE, say: 'The colours first.' },
    {
      is: 'read',
      path: 'test/contrast.test.js',
      say: 'They are variables, and their contrast is tested: for each `:root` block that there is.',
    },
    changed(
      'test/contrast.test.js',
      'the dark palette is one',
      (text) => atEnd(text, CONTRAST_TEST),
      'A test for a second set of values, with all the names of the first.',
    ),
    { is: 'prove', say: 'There is none yet, so it fails.' },
    changed(
      STYLE,
      'prefers-color-scheme: dark',
      (text) => after(text, /^:root \{[^}]+\}\n/m, DARK),
      'The dark values: not black, and links brighter than on white.',
    ),
    {
      is: 'read',
      path: PAGE,
      say: 'Without a hint, the page flashes white before the stylesheet is there.',
    },
    changed(
      PAGE,
      'name="color-scheme"',
      (text) =>
        swap(
          text,
          /^( *)<meta name="viewport".*\n/m,
          (match) => `${match[0]}${match[1]}<meta name="color-scheme" content="light dark">\n`,
        ),
      'The hint, before the stylesheet.',
    ),
    changed(
      'test/site.test.js',
      'comes in light and dark',
      (text) => atEnd(text, SITE_TEST),
      'With a test, for it is easily lost.',
    ),
    {
      is: 'run',
      command: 'npm run build && grep -n "color-scheme" out/index.html out/style.css',
      description: 'Build the site and look for the hint',
      say: 'Built, to see it in the pages.',
    },
    changed(
      'README.md',
      'prefers-color-scheme',
      (text) => after(text, /^## Look\n\n(?:.+\n)+/m, LOOK),
      'The README says how it works.',
    ),
  ],
};
