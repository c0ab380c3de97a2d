import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { McpServerConfig, SDKMessage, SdkPluginConfig } from '@anthropic-ai/claude-agent-sdk';
import type { Brief } from '../../protocol/runner.ts';
import type { Git } from '../git.ts';
import { complain } from '../redactor.ts';
import type { Reporter } from '../reporter.ts';
import { pathsOf } from './files.ts';
import { type Brought, readEquipment } from './read.ts';
import { startable } from './servers.ts';

/** Branches of this name are written by workers. */
const WORKERS_BRANCH = 'mainloop/';

type Parts = {
  brief: Pick<Brief, 'repository' | 'baseBranch' | 'equipment'>;
  reporter: Pick<Reporter, 'add' | 'flush'>;
  /** The sandbox's folder; what is laid out lies in it, beside the repository. */
  root: string;
};

/** What Claude Code is started with. */
export type Laid = { plugins: SdkPluginConfig[]; servers: Record<string, McpServerConfig> };

const NOTHING: Laid = { plugins: [], servers: {} };

/**
 * What a trusted repository brings for its workers, from the commit that the task began with. It is
 * kept in memory and written anew before each run of Claude Code: what a worker changes of it, there
 * or in its branch, starts nothing.
 */
export class RepositoryEquipment {
  readonly #parts: Parts;
  readonly #folder: string;
  #git: Git | null = null;
  #directory = '';
  #brought: Brought | null = null;
  #servers: Record<string, McpServerConfig> = {};
  /** Servers of which it was said that they did not start. */
  readonly #missed = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#folder = path.join(parts.root, 'equipment');
  }

  get #tree(): string {
    return path.join(this.#folder, 'tree');
  }

  /**
   * Reads it, and tells of it before the worker has a step: later nobody in a sandbox is believed.
   *
   * @param tip the base branch's commit in a fresh clone.
   * @param variables what the repository's commands are given: descriptions of servers may name them.
   */
  async open(
    git: Git,
    directory: string,
    tip: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<void> {
    this.#git = git;
    this.#directory = directory;
    const { brief, reporter } = this.#parts;
    const { isTrusted, commit: begun } = brief.equipment;
    const say = (text: string) => reporter.add({ type: 'step', text });
    try {
      if (begun !== null && !(await isBehind(git, begun, tip))) {
        if (isTrusted) {
          say(
            `${brief.baseBranch} no longer holds the commit ${begun.slice(0, 7)} that the task began with: the worker goes on without the repository's equipment.`,
          );
        }
        return;
      }
      const commit = begun ?? tip;
      const brought = await readEquipment(git, commit, this.#tree);
      const { told } = brought;
      const isWorkers = brief.baseBranch.startsWith(WORKERS_BRANCH);
      const isUsed = isTrusted && !isWorkers;
      const notes = isUsed ? await this.#prepare(brought, variables) : [];
      const servers = isUsed ? Object.keys(this.#servers) : told.servers;
      const isNothing = [...brought.plugins, ...servers, ...told.notes, ...notes].length === 0;
      // For a trusted one the commit is told all the same: the next sandbox must read the same.
      if (isNothing && !isTrusted) return;
      if (!isNothing && !isTrusted) notes.push(`${brief.repository} is not trusted.`);
      if (!isNothing && isTrusted && isWorkers) {
        notes.push(`The branch ${brief.baseBranch} is a worker's.`);
      }
      reporter.add({
        type: 'equipment',
        ...told,
        isUsed,
        servers,
        notes: [...notes, ...told.notes],
      });
      await reporter.flush();
    } catch (error) {
      complain(error);
      this.#brought = null;
      this.#servers = {};
      if (isTrusted) {
        say(
          "The repository's equipment could not be read: the worker goes on without its skills and servers.",
        );
      }
    }
  }

  async #prepare(brought: Brought, variables: Readonly<Record<string, string>>): Promise<string[]> {
    this.#brought = brought;
    const { commit } = brought.told;
    const paths =
      brought.servers.size > 0 && this.#git !== null ? await pathsOf(this.#git, commit) : new Set();
    const notes: string[] = [];
    for (const [name, { described, plugin }] of brought.servers) {
      const server = startable(name, described, {
        variables: {
          HOME: homedir(),
          ...variables,
          ...(plugin !== null && { CLAUDE_PLUGIN_ROOT: path.join(this.#tree, plugin) }),
        },
        directory: this.#directory,
        tree: this.#tree,
        holds: (file) => paths.has(file),
      });
      if (typeof server === 'string') notes.push(server);
      else this.#servers[name] = server;
    }
    return notes;
  }

  /** Writes it anew for a run of Claude Code. */
  async layOut(): Promise<Laid> {
    rmSync(this.#folder, { recursive: true, force: true });
    const brought = this.#brought;
    if (brought === null) return NOTHING;
    const plugins = brought.plugins.map(({ name, files }): SdkPluginConfig => {
      const folder = path.join(this.#folder, 'plugins', name);
      for (const { path: file, bytes, isExecutable } of files) {
        const at = path.join(folder, file);
        mkdirSync(path.dirname(at), { recursive: true });
        writeFileSync(at, bytes, { mode: isExecutable ? 0o755 : 0o644 });
      }
      return { type: 'local', path: folder, skipMcpDiscovery: true };
    });
    const needsTree = JSON.stringify(this.#servers).includes(this.#tree);
    // What a plugin's texts name lies in its folder.
    if (needsTree || brought.told.plugins.length > 0) await this.#layOutTree(brought.told.commit);
    return { plugins, servers: this.#servers };
  }

  /** All of the repository as it was, with what is installed in it now. */
  async #layOutTree(commit: string): Promise<void> {
    if (this.#git === null) return;
    mkdirSync(this.#tree, { recursive: true });
    const environment = { GIT_INDEX_FILE: path.join(this.#folder, 'index') };
    await this.#git.run(['read-tree', commit], environment);
    await this.#git.run(
      ['checkout-index', '--all', '--quiet', `--prefix=${this.#tree}/`],
      environment,
    );
    const installed = path.join(this.#tree, 'node_modules');
    // A server's packages are where the set-up has put them.
    if (!existsSync(installed)) symlinkSync(path.join(this.#directory, 'node_modules'), installed);
  }

  /** Says which servers did not start, each once; @param message one of Claude Code's. */
  onMessage(message: SDKMessage): void {
    if (message.type !== 'system' || message.subtype !== 'init') return;
    for (const name of Object.keys(this.#servers)) {
      const status = message.mcp_servers.find((server) => server.name === name)?.status;
      if (status === 'connected' || this.#missed.has(name)) continue;
      this.#missed.add(name);
      this.#parts.reporter.add({
        type: 'step',
        text: `The MCP server ${name} of ${this.#parts.brief.repository} did not start: the worker goes on without it.`,
      });
    }
  }
}

/** Whether a commit is in the history of another. */
async function isBehind(git: Git, commit: string, tip: string): Promise<boolean> {
  return git.run(['merge-base', '--is-ancestor', commit, tip]).then(
    () => true,
    () => false,
  );
}
