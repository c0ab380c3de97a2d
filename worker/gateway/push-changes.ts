import { type PushShown, powerOf } from '../../protocol/power.ts';
import { PushObjects, type TreeEntry } from './push-objects.ts';

/** One file among the paths of power as it was and as it shall be, in words where it is no text; null where it is not there. */
export type PowerChange = {
  path: string;
  from: string | null;
  to: string | null;
  /** Modes of git's, where they differ. */
  modes: string | null;
};

/** What a push changes among the paths of power. */
export type PushChanges = {
  /** That must be allowed: the branch does not have it at the host, nor the base. */
  fresh: PowerChange[];
  /** All that differs from the base. */
  paths: string[];
};

type Pair = { path: string; from: TreeEntry | null; to: TreeEntry | null };
type Names = ReadonlyMap<string, TreeEntry>;

const TREE_MODE = '40000';
const LINK_MODE = '120000';
const SUBMODULE_MODE = '160000';
const NO_NAMES: Names = new Map();

/** Something was not shown. */
class LackingError extends Error {}

/** What changes, worked out from the objects alone; null when they do not show it. */
export async function pushChanges(shown: PushShown): Promise<PushChanges | null> {
  const objects = await PushObjects.of(shown);
  try {
    const differ = (one: string) => differences(objects, one, shown.commit);
    const sinceBase = differ(shown.base);
    const atHost = shown.before === null ? null : differ(shown.before);
    const fresh = sinceBase.filter(
      ({ path }) => atHost === null || atHost.some((one) => one.path === path),
    );
    return {
      fresh: fresh.map((pair) => changeOf(objects, pair)),
      paths: sinceBase.map(({ path }) => path),
    };
  } catch (error) {
    if (error instanceof LackingError) return null;
    throw error;
  }
}

function differences(objects: PushObjects, one: string, other: string): Pair[] {
  const [from, to] = [objects.rootOf(one), objects.rootOf(other)];
  if (from === null || to === null) throw new LackingError();
  return within(objects, '', from, to);
}

function within(objects: PushObjects, folder: string, from: Names, to: Names): Pair[] {
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    const pair = { path, from: from.get(name) ?? null, to: to.get(name) ?? null };
    const power = powerOf(path);
    if (power === 'none' || isSame(pair)) return [];
    const files = [pair.from, pair.to].filter((one) => one !== null && one.mode !== TREE_MODE);
    const below = within(objects, path, namesOf(objects, pair.from), namesOf(objects, pair.to));
    return files.length === 0 ? below : [{ ...pair, ...onlyFiles(pair) }, ...below];
  });
}

const isSame = ({ from, to }: Pair) => from?.id === to?.id && from?.mode === to?.mode;

/** A folder in a file's place is not there as a file. */
function onlyFiles({ from, to }: Pair): Pick<Pair, 'from' | 'to'> {
  const fileOf = (one: TreeEntry | null) => (one?.mode === TREE_MODE ? null : one);
  return { from: fileOf(from), to: fileOf(to) };
}

function namesOf(objects: PushObjects, entry: TreeEntry | null): Names {
  if (entry?.mode !== TREE_MODE) return NO_NAMES;
  const names = objects.tree(entry.id);
  if (names === null) throw new LackingError();
  return names;
}

function changeOf(objects: PushObjects, { path, from, to }: Pair): PowerChange {
  const modes =
    from !== null && to !== null && from.mode !== to.mode ? `${from.mode} to ${to.mode}` : null;
  return { path, from: shownAs(objects, from), to: shownAs(objects, to), modes };
}

function shownAs(objects: PushObjects, entry: TreeEntry | null): string | null {
  if (entry === null) return null;
  if (entry.mode === SUBMODULE_MODE) return `[the commit ${entry.id} of another repository]`;
  const bytes = objects.blob(entry.id);
  if (bytes === null) throw new LackingError();
  const text = textOf(bytes) ?? `[no text: ${bytes.byteLength} bytes, ${entry.id}]`;
  return entry.mode === LINK_MODE ? `[a link to ${text}]` : text;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
