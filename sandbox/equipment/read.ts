import path from 'node:path';
import * as z from 'zod/mini';
import type { Equipment } from '../../protocol/equipment.ts';
import type { Git } from '../git.ts';
import { type CommitFile, readCommit, within } from './files.ts';
import { withKnownHead } from './frontmatter.ts';
import {
  MARKETPLACE,
  OWN,
  type RepositoryPlugin,
  SETTINGS,
  readJson,
  readPlugins,
} from './plugins.ts';
import { type Described, readServers } from './servers.ts';

const SERVERS = '.mcp.json';
const KINDS = ['skills', 'commands', 'agents'] as const;
/** What settings may ask for and never get, with its words. */
const NEVER: Readonly<Record<string, string>> = {
  apiKeyHelper: 'a key helper',
  awsAuthRefresh: 'a key helper',
  awsCredentialExport: 'a key helper',
  env: 'variables',
  hooks: 'hooks',
  permissions: 'permissions',
  statusLine: 'a status line',
  otelHeadersHelper: 'a helper for telemetry',
};

/** A plugin as it is laid out for Claude Code: files by their path in it. */
export type LaidPlugin = { name: string; files: CommitFile[] };

/** A server, and the folder of the plugin that brings it; null for the repository's own. */
export type BroughtServer = { described: Described; plugin: string | null };

/** What a commit brings for workers; nothing of it is on the disk yet. */
export type Brought = {
  told: Omit<Equipment, 'isUsed'>;
  plugins: LaidPlugin[];
  servers: ReadonlyMap<string, BroughtServer>;
};

const isHidden = (file: string) => file.split('/').some((part) => part.startsWith('.'));
const isText = (file: string) => file.toLowerCase().endsWith('.md');
const isSkill = (file: string) => path.posix.basename(file).toLowerCase() === 'skill.md';

/** Skills, commands and agents of a folder, with nothing in their heads that gives power. */
function components(files: readonly CommitFile[]): CommitFile[] {
  return KINDS.flatMap((kind) =>
    within(files, kind)
      // A folder with a dot may be a plugin or settings of its own; a skill is a folder.
      .filter(({ path: file }) => !isHidden(file) && (kind !== 'skills' || file.includes('/')))
      .map((file) => {
        const isHeaded = kind === 'skills' ? isSkill(file.path) : isText(file.path);
        const bytes = isHeaded ? Buffer.from(withKnownHead(file.bytes.toString())) : file.bytes;
        return { ...file, path: `${kind}/${file.path}`, bytes };
      }),
  );
}

/** The names of what a plugin holds of a kind. */
function namesOf(plugin: LaidPlugin, kind: (typeof KINDS)[number]): string[] {
  return within(plugin.files, kind).flatMap(({ path: file }) => {
    if (kind !== 'skills') return isText(file) ? [file.slice(0, -'.md'.length)] : [];
    const [folder = '', name = ''] = file.split('/');
    return isSkill(name) && file.split('/').length === 2 ? [folder] : [];
  });
}

function laid(name: string, files: readonly CommitFile[]): LaidPlugin {
  const manifest = JSON.stringify({ name, version: '1.0.0', description: `Brought by ${name}` });
  const bytes = Buffer.from(manifest);
  const head = { path: '.claude-plugin/plugin.json', isExecutable: false, bytes };
  return { name, files: [head, ...components(files)] };
}

/** A plugin's texts name its folder, which lies elsewhere than what is laid out of it. */
function laidPlugin({ name, folder, files }: RepositoryPlugin, tree: string): LaidPlugin {
  const root = path.join(tree, folder);
  const plugin = laid(name, files);
  return {
    ...plugin,
    files: plugin.files.map((file) =>
      isText(file.path)
        ? {
            ...file,
            bytes: Buffer.from(file.bytes.toString().replaceAll('${CLAUDE_PLUGIN_ROOT}', root)),
          }
        : file,
    ),
  };
}

/** What of the settings is asked for and not given, in one sentence; empty where that is nothing. */
function neverGiven(files: readonly CommitFile[]): string[] {
  const asked = [SETTINGS, '.claude/settings.local.json'].flatMap((name) => {
    const settings = readJson(
      files.find(({ path: file }) => file === name),
      z.record(z.string(), z.unknown()),
    );
    return Object.keys(settings ?? {}).flatMap((key) =>
      Object.hasOwn(NEVER, key) ? [NEVER[key] ?? key] : [],
    );
  });
  const words = [...new Set(asked)];
  return words.length === 0
    ? []
    : [`Its settings ask for ${words.join(', ')}: no repository is given these.`];
}

/**
 * Reads what a commit brings for workers: skills, commands and agents of `.claude`, the plugins of its
 * own that its settings enable, and servers of `.mcp.json`. Only reads: a repository that nobody trusts
 * is told of by the same means.
 *
 * @param tree where the commit's files are to lie.
 */
export async function readEquipment(git: Git, commit: string, tree: string): Promise<Brought> {
  const below = ['.claude/', MARKETPLACE, SERVERS];
  const { files, notes: left } = await readCommit(git, commit, below);
  const { plugins: others, notes: elsewhere } = await readPlugins(git, commit, files);
  const own = laid(OWN, within(files, '.claude'));
  const isOwnThere = own.files.length > 1;
  const plugins = [...(isOwnThere ? [own] : []), ...others.map((one) => laidPlugin(one, tree))];
  const file = files.find((one) => one.path === SERVERS);
  const read = file === undefined ? null : readServers(file.bytes.toString(), SERVERS);
  const servers = new Map<string, BroughtServer>([
    ...Object.entries(read?.servers ?? {}).map(
      ([name, described]) => [name, { described, plugin: null }] as const,
    ),
    // As Claude Code itself names the servers of plugins: so a skill finds their tools.
    ...others.flatMap((plugin) =>
      Object.entries(plugin.servers.servers).map(
        ([name, described]) =>
          [`plugin_${plugin.name}_${name}`, { described, plugin: plugin.folder }] as const,
      ),
    ),
  ]);
  const all = (kind: (typeof KINDS)[number]) =>
    plugins.flatMap((one) =>
      namesOf(one, kind).map((name) => (one === own ? name : `${one.name}:${name}`)),
    );
  return {
    told: {
      commit,
      skills: all('skills'),
      commands: all('commands'),
      agents: all('agents'),
      plugins: others.map(({ name }) => name),
      servers: [...servers.keys()],
      notes: [
        ...left,
        ...elsewhere,
        ...(read?.notes ?? []),
        ...others.flatMap((plugin) => plugin.servers.notes),
        ...neverGiven(files),
      ],
    },
    plugins,
    servers,
  };
}
