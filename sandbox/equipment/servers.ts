import path from 'node:path';
import type { McpServerConfig } from '@anthropic-ai/claude-agent-sdk';
import * as z from 'zod/mini';

const SERVERS_MAX = 20;
const NAME = /^[\w-]{1,64}$/;
const TEXT_MAX_CHARS = 10_000;

const Text = z.string().check(z.maxLength(TEXT_MAX_CHARS));
const Texts = z._default(z.record(z.string(), Text), {});
const Stdio = z.object({
  type: z.optional(z.literal('stdio')),
  command: Text.check(z.minLength(1)),
  args: z._default(z.array(Text), []),
  env: Texts,
});
const Remote = z.object({ type: z.enum(['http', 'sse']), url: Text, headers: Texts });
const File = z.object({ mcpServers: z.record(z.string(), z.unknown()) });

/** A server as the repository describes it: nothing of it is put in yet. */
export type Described = z.infer<typeof Stdio> | z.infer<typeof Remote>;
export type DescribedServers = { servers: Record<string, Described>; notes: string[] };

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads an `.mcp.json`. A server that is not understood is left out, and the others stay.
 *
 * @param file its name for the person.
 */
export function readServers(text: string, file: string): DescribedServers {
  const parsed = File.safeParse(parseJson(text));
  if (!parsed.success) {
    return { servers: {}, notes: [`${file} cannot be read: no server of it was started.`] };
  }
  return describedServers(parsed.data.mcpServers, file);
}

export function describedServers(all: Record<string, unknown>, file: string): DescribedServers {
  const notes: string[] = [];
  const servers: Record<string, Described> = {};
  for (const [name, value] of Object.entries(all)) {
    const shown = name.slice(0, 64);
    const server = z.union([Stdio, Remote]).safeParse(value);
    if (!NAME.test(name) || name.startsWith('__')) {
      notes.push(`An MCP server of ${file} has a name that cannot be used: ${shown}.`);
    } else if (!server.success) {
      notes.push(`The MCP server ${shown} of ${file} is of no kind that can be started.`);
    } else if (Object.keys(servers).length >= SERVERS_MAX) {
      notes.push(`The MCP server ${shown} was left out: ${SERVERS_MAX} are the most.`);
    } else servers[name] = server.data;
  }
  return { servers, notes };
}

/** What a description's `${…}` may stand for, and where its programs lie. */
export type Place = {
  variables: Readonly<Record<string, string>>;
  /** The repository as the worker has it: what a server works on. */
  directory: string;
  /** The repository as it was when the task began: what a server is. */
  tree: string;
  /** Whether the commit holds a file of this path. */
  holds(file: string): boolean;
};

class MissingError extends Error {
  override readonly name = 'MissingError';
}

/** @throws MissingError where a variable is not there and has no default. */
function filled(text: string, variables: Place['variables']): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, otherwise?: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : otherwise;
    if (value === undefined) throw new MissingError(name);
    return value;
  });
}

/** The file of the repository that a word of a command line names; null where it names none. */
function fileNamed(word: string, directory: string): string | null {
  // A program that is looked for on the PATH, an option, an address.
  if (!word.includes('/') && !word.includes('.')) return null;
  const relative = path.relative(directory, path.resolve(directory, word));
  const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return isInside ? relative : null;
}

/** What Claude Code puts into the environment of whatever it starts, and is no business of a server's. */
const WITHOUT = { ANTHROPIC_AUTH_TOKEN: '', ANTHROPIC_BASE_URL: '' };

/**
 * The server as it is to be started. A file of the repository that its command names is taken from
 * the repository of when the task began: a worker that changes it changes no server.
 *
 * @returns a sentence where it cannot be.
 */
export function startable(
  name: string,
  described: Described,
  { variables, directory, tree, holds }: Place,
): McpServerConfig | string {
  const fill = (text: string) => filled(text, { CLAUDE_PROJECT_DIR: directory, ...variables });
  const fillAll = (texts: Record<string, string>) =>
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, fill(text)]));
  const asBegun = (word: string) => {
    const file = fileNamed(word, directory);
    return file !== null && holds(file) ? path.join(tree, file) : word;
  };
  // What is there when the worker begins is in its first prompt.
  const alwaysLoad = true;
  try {
    if ('url' in described) {
      const url = fill(described.url);
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
        return `The MCP server ${name} was left out: its address is none of http or https.`;
      }
      return { type: described.type, url, headers: fillAll(described.headers), alwaysLoad };
    }
    return {
      type: 'stdio',
      command: asBegun(fill(described.command)),
      args: described.args.map((word) => asBegun(fill(word))),
      env: { ...fillAll(described.env), ...WITHOUT },
      alwaysLoad,
    };
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    return `The MCP server ${name} was left out: the variable ${error.message} that it names is not set for this repository.`;
  }
}
