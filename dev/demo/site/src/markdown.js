const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character]);
}

/** Links may lead to a page, a part of one, a mail address or the web: nothing that runs. */
function isSafe(address) {
  return !/^[a-z][a-z0-9+.-]*:/i.test(address) || /^(https?|mailto):/i.test(address);
}

/** Emphasis, code and links inside one block; everything else is escaped. */
function inline(text) {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\*([^*]+)\*/g, '<em>$1</em>')
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (whole, label, address) =>
      isSafe(address) ? `<a href="${address}">${label}</a>` : label,
    );
}

function block(lines) {
  const heading = /^(#{1,3}) (.+)$/.exec(lines[0]);
  if (heading) return `<h${heading[1].length}>${inline(heading[2])}</h${heading[1].length}>`;
  if (lines.every((line) => line.startsWith('- '))) {
    return `<ul>${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`;
  }
  return `<p>${inline(lines.join(' '))}</p>`;
}

/** HTML of a Markdown text. Blocks are separated by blank lines. */
export function toHtml(markdown) {
  return markdown
    .split(/\n{2,}/)
    .map((text) => text.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0)
    .map(block)
    .join('\n');
}
