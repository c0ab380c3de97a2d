import type { Element, Root, RootContent } from 'hast';
import { common, createLowlight } from 'lowlight';

/** A piece of a line with the kind of word that it is, in highlight.js's names; null for plain text. */
export type Piece = { text: string; kind: string | null };

const lowlight = createLowlight(common);

/** Longer texts stay plain: colouring them would hold up the page. */
const TEXT_MAX_CHARS = 200_000;

/** File name endings whose language has another name. */
const ENDINGS: Record<string, string> = {
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  tsx: 'typescript',
  mts: 'typescript',
  vue: 'xml',
  svelte: 'xml',
  svg: 'xml',
  toml: 'ini',
  jsonc: 'json',
  yml: 'yaml',
  h: 'c',
  hpp: 'cpp',
};

/** The language of a file by its name; null when it is none of those known here. */
export function languageOf(path: string): string | null {
  const ending =
    path
      .slice(path.lastIndexOf('/') + 1)
      .toLowerCase()
      .split('.')
      .at(-1) ?? '';
  const language = ENDINGS[ending] ?? ending;
  return lowlight.registered(language) ? language : null;
}

const kindOf = ({ properties }: Element): string | null => {
  const [name] = Array.isArray(properties['className']) ? properties['className'] : [];
  return typeof name === 'string' ? (name.replace(/^hljs-/, '').split(' ')[0] ?? null) : null;
};

/** The lines of a text, each in coloured pieces; as many as the text has, whatever is in it. */
export function highlightLines(text: string, language: string | null): Piece[][] {
  const plain = () => text.split('\n').map((line) => [{ text: line, kind: null }]);
  if (language === null || text.length > TEXT_MAX_CHARS) return plain();
  let tree: Root;
  try {
    tree = lowlight.highlight(language, text);
  } catch {
    return plain();
  }
  const lines: Piece[][] = [[]];
  const walk = (node: RootContent, kind: string | null) => {
    if (node.type === 'element') {
      const own = kindOf(node) ?? kind;
      for (const child of node.children) walk(child, own);
    } else if (node.type === 'text') {
      for (const [at, part] of node.value.split('\n').entries()) {
        if (at > 0) lines.push([]);
        if (part !== '') lines.at(-1)?.push({ text: part, kind });
      }
    }
  };
  for (const node of tree.children) walk(node, null);
  return lines;
}
