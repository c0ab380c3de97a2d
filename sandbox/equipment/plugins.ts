import path from 'node:path';
import * as z from 'zod/mini';
import type { Git } from '../git.ts';
import { type CommitFile, readCommit, within } from './files.ts';
import { type DescribedServers, describedServers, readServers } from './servers.ts';

export const SETTINGS = '.claude/settings.json';
export const MARKETPLACE = '.claude-plugin/marketplace.json';
/** The plugin that the repository's own skills, commands and agents become. */
export const OWN = 'project';
const PLUGINS_MAX = 20;
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** A plugin that lies in the repository: its folder there, and what is in it. */
export type RepositoryPlugin = {
  name: string;
  folder: string;
  files: CommitFile[];
  servers: DescribedServers;
};

const Enabled = z.object({ enabledPlugins: z.record(z.string(), z.unknown()) });
const Marketplace = z.object({
  name: z.string(),
  plugins: z.array(z.looseObject({ name: z.string(), source: z.unknown() })),
});
const Manifest = z.object({ mcpServers: z.record(z.string(), z.unknown()) });

/** Null for what is not there, no JSON, or of another shape. */
export function readJson<T>(file: CommitFile | undefined, schema: z.ZodMiniType<T>): T | null {
  try {
    const read = schema.safeParse(JSON.parse(file?.bytes.toString() ?? ''));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** The folder that a plugin's source names, as git has it; null where that is not in the repository. */
function folderOf(source: unknown): string | null {
  if (typeof source !== 'string' || !source.startsWith('./')) return null;
  const folder = path.posix.normalize(source).replace(/\/$/, '');
  return folder === '.' || folder.startsWith('..') ? null : folder;
}

function serversIn(files: readonly CommitFile[], plugin: string): DescribedServers {
  const file = files.find((one) => one.path === '.mcp.json');
  const manifest = files.find((one) => one.path === '.claude-plugin/plugin.json');
  const inManifest = readJson(manifest, Manifest);
  const own =
    file === undefined
      ? { servers: {}, notes: [] }
      : readServers(file.bytes.toString(), `the plugin ${plugin}`);
  const more = describedServers(inManifest?.mcpServers ?? {}, `the plugin ${plugin}`);
  return {
    servers: { ...own.servers, ...more.servers },
    notes: [...own.notes, ...more.notes],
  };
}

/**
 * The plugins that the repository's settings enable and its own marketplace file has in the repository
 * itself. Others would have to be fetched, and what is fetched nobody has trusted.
 *
 * @param files `SETTINGS` and `MARKETPLACE`, where they are there.
 */
export async function readPlugins(
  git: Git,
  commit: string,
  files: readonly CommitFile[],
): Promise<{ plugins: RepositoryPlugin[]; notes: string[] }> {
  const at = (wanted: string) => files.find((one) => one.path === wanted);
  const enabled = readJson(at(SETTINGS), Enabled)?.enabledPlugins ?? {};
  const market = readJson(at(MARKETPLACE), Marketplace);
  const plugins: RepositoryPlugin[] = [];
  const notes: string[] = [];
  for (const [id, isOn] of Object.entries(enabled)) {
    if (isOn !== true) continue;
    const listed = market?.plugins.find(({ name }) => `${name}@${market.name}` === id);
    const folder = folderOf(listed?.source);
    if (listed === undefined || folder === null || !NAME.test(listed.name)) {
      notes.push(`The plugin ${id.slice(0, 100)} is not in the repository, and was left out.`);
    } else if (listed.name === OWN) {
      notes.push(`The plugin ${OWN} was left out: the repository's own skills have that name.`);
    } else if (plugins.length >= PLUGINS_MAX) {
      notes.push(`The plugin ${listed.name} was left out: ${PLUGINS_MAX} are the most.`);
    } else {
      const read = await readCommit(git, commit, [`${folder}/`]);
      const inside = within(read.files, folder);
      notes.push(...read.notes);
      plugins.push({
        name: listed.name,
        folder,
        files: inside,
        servers: serversIn(inside, listed.name),
      });
    }
  }
  return { plugins, notes };
}
