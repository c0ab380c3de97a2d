import { parse } from 'yaml';

/** What stands at a text's beginning between two lines of dashes. */
const HEAD = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;
const HEAD_MAX_CHARS = 20_000;

/**
 * What a skill, a command or an agent may say of itself. Not among them: hooks, servers of its own, and
 * what changes who may do what (`hooks`, `mcpServers`, `allowed-tools`, `permissionMode`), and which model
 * it runs on, which is the person's choice.
 */
const KEYS = new Set([
  'name',
  'description',
  'when_to_use',
  'version',
  'license',
  'argument-hint',
  'arguments',
  'user-invocable',
  'disable-model-invocation',
  // Of an agent: fewer than the worker has.
  'tools',
  'disallowedTools',
  'color',
]);

type Plain = string | number | boolean;

const isPlain = (value: unknown): value is Plain =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** A line each, where the whole is no YAML: a description with a colon in it is common. */
function byLines(head: string): Record<string, unknown> {
  return Object.fromEntries(
    head.split(/\r?\n/).flatMap((line) => {
      const [, key, value] = /^([\w-]+):[ \t]+(.+)$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value.trim()]];
    }),
  );
}

function parsed(head: string): Record<string, unknown> {
  try {
    const value: unknown = parse(head, { logLevel: 'error', maxAliasCount: 10 });
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return byLines(head);
  }
}

/** One line, whatever a parser takes for a line's end. */
const written = (value: unknown) =>
  JSON.stringify(value).replace(
    /[\u007F-\u009F\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * The text with what of its head is known, written anew: what Claude Code reads there is what was
 * understood here, whatever another parser of YAML would make of the original. There always is a head,
 * so that nothing further down is taken for one.
 */
export function withKnownHead(text: string): string {
  const [all = '', head = ''] = HEAD.exec(text) ?? [];
  const known = head.length > HEAD_MAX_CHARS ? {} : parsed(head);
  const lines = Object.entries(known).flatMap(([key, value]) => {
    if (!KEYS.has(key)) return [];
    const isKnown = isPlain(value) || (Array.isArray(value) && value.every(isPlain));
    return isKnown ? [`${key}: ${written(value)}`] : [];
  });
  return `---\n${lines.join('\n')}\n---\n${text.slice(all.length)}`;
}
