import { Lexer, type Token, type Tokens } from 'marked';
import { For, Index, type JSX, Show, createMemo } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { completeMarkdown, headingLevels, safeHref } from './markdown-text.ts';

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** The lexer escapes text for HTML; here it becomes text nodes, which need none of it. */
function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

function link(href: string, content: JSX.Element): JSX.Element {
  const safe = safeHref(href);
  return safe === null ? (
    content
  ) : (
    <a href={safe} target="_blank" rel="noopener noreferrer">
      {content}
    </a>
  );
}

/** Tokens as DOM nodes. HTML stays text, and an image is a link to it: nothing is asked of other places. */
function inline(tokens: readonly Token[] | undefined): JSX.Element {
  return (
    <For each={tokens ?? []}>
      {(token) => {
        switch (token.type) {
          case 'strong':
            return <strong>{inline(token.tokens)}</strong>;
          case 'em':
            return <em>{inline(token.tokens)}</em>;
          case 'del':
            return <del>{inline(token.tokens)}</del>;
          case 'codespan':
            return <code>{plain(token.text)}</code>;
          case 'br':
            return <br />;
          case 'link':
            return link(token.href, inline(token.tokens));
          case 'image':
            return link(token.href, token.text || token.href);
          case 'text':
          case 'escape':
            return 'tokens' in token && token.tokens ? inline(token.tokens) : plain(token.text);
          default:
            return token.raw;
        }
      }}
    </For>
  );
}

function isTable(token: Token): token is Tokens.Table {
  return token.type === 'table';
}

function isHeading(token: Token): token is Tokens.Heading {
  return token.type === 'heading';
}

function isList(token: Token): token is Tokens.List {
  return token.type === 'list';
}

/** What stands inside of a list or a quote, where a heading is none of the text. */
const inner = (token: Token): JSX.Element => block(token, null);

function block(token: Token, level: number | null): JSX.Element {
  if (isTable(token)) {
    return (
      <table>
        <thead>
          <tr>
            <For each={token.header}>{(cell) => <th>{inline(cell.tokens)}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <For each={token.rows}>
            {(row) => (
              <tr>
                <For each={row}>{(cell) => <td>{inline(cell.tokens)}</td>}</For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    );
  }
  if (isList(token)) {
    return (
      <Dynamic component={token.ordered ? 'ol' : 'ul'}>
        <For each={token.items}>
          {(item) => (
            <li>
              <For each={item.tokens}>{inner}</For>
            </li>
          )}
        </For>
      </Dynamic>
    );
  }
  switch (token.type) {
    case 'heading':
      return level === null ? (
        <p>
          <strong>{inline(token.tokens)}</strong>
        </p>
      ) : (
        <Dynamic component={`h${level}`}>{inline(token.tokens)}</Dynamic>
      );
    case 'paragraph':
      return <p>{inline(token.tokens)}</p>;
    case 'text':
      return token.tokens ? inline(token.tokens) : plain(token.text);
    case 'code':
      return (
        <pre tabindex="0">
          <code>{token.text}</code>
        </pre>
      );
    case 'blockquote':
      return (
        <blockquote>
          <For each={token.tokens ?? []}>{inner}</For>
        </blockquote>
      );
    case 'hr':
      return <hr class="border-line" />;
    case 'space':
      return null;
    default:
      return <p class="whitespace-pre-wrap">{token.raw}</p>;
  }
}

/** Block by block: while text streams in, only its last block is made anew. */
export function MarkdownBlocks(props: {
  text: string;
  streaming: boolean;
  breaks: boolean;
  /** Level of the page's heading that the text stands under. */
  under: number;
}): JSX.Element {
  const tokens = createMemo(() =>
    Lexer.lex(props.streaming ? completeMarkdown(props.text) : props.text, {
      gfm: true,
      breaks: props.breaks,
    }),
  );
  const levels = createMemo(() => {
    const headings = tokens().filter(isHeading);
    const found = headingLevels(
      headings.map(({ depth }) => depth),
      props.under,
    );
    return new Map<Token, number | null>(
      headings.map((token, place) => [token, found[place] ?? null]),
    );
  });
  return (
    <Index each={tokens()}>
      {(token) => (
        <Show when={token().raw} keyed>
          {(_raw) => block(token(), levels().get(token()) ?? null)}
        </Show>
      )}
    </Index>
  );
}
