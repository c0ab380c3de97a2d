import { escapeHtml } from './markdown.js';

function navigation(pages, current) {
  return pages
    .map(({ name, title }) => {
      const here = name === current ? ' aria-current="page"' : '';
      return `<a href="${name}.html"${here}>${escapeHtml(title)}</a>`;
    })
    .join('\n      ');
}

/** One whole HTML page. `pages` are those in the navigation, in order. */
export function renderPage({ name, title, html }, pages) {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)} - Acme</title>
    <link rel="stylesheet" href="style.css">
  </head>
  <body>
    <nav>
      ${navigation(pages, name)}
    </nav>
    <main>
${html}
    </main>
  </body>
</html>
`;
}
