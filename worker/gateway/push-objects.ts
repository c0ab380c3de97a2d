import type { PushShown } from '../../protocol/power.ts';

/** One name in a tree: `mode` as git writes it, `40000` for a tree. */
export type TreeEntry = { mode: string; id: string };

type GitObject = { type: 'commit' | 'tree' | 'blob'; bytes: Uint8Array };

const TREE_LINE = /^tree (?<tree>[0-9a-f]{40,64})\n/;
const NUL = 0;
const SPACE = 32;

const hexOf = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Git objects by the names that they truly have. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage */
export class PushObjects {
  readonly #objects: ReadonlyMap<string, GitObject>;
  readonly #idBytes: number;

  private constructor(objects: ReadonlyMap<string, GitObject>, idBytes: number) {
    this.#objects = objects;
    this.#idBytes = idBytes;
  }

  static async of({ commit, objects }: PushShown): Promise<PushObjects> {
    const [hash, idBytes] = commit.length === 40 ? ['SHA-1', 20] : ['SHA-256', 32];
    const known = new Map<string, GitObject>();
    for (const { type, data } of objects) {
      const bytes = bytesOf(data);
      if (bytes === null) continue;
      const head = new TextEncoder().encode(`${type} ${bytes.byteLength}\0`);
      const whole = new Uint8Array(head.byteLength + bytes.byteLength);
      whole.set(head);
      whole.set(bytes, head.byteLength);
      known.set(hexOf(new Uint8Array(await crypto.subtle.digest(hash, whole))), { type, bytes });
    }
    return new PushObjects(known, idBytes);
  }

  /** The names at the top of a commit; null when that was not shown. */
  rootOf(commit: string): Map<string, TreeEntry> | null {
    const text = this.#bytes(commit, 'commit');
    const tree = text === null ? null : TREE_LINE.exec(new TextDecoder().decode(text));
    return tree?.groups?.tree === undefined ? null : this.tree(tree.groups.tree);
  }

  /** The names in a tree; null when it was not shown, or is none. */
  tree(id: string): Map<string, TreeEntry> | null {
    const bytes = this.#bytes(id, 'tree');
    if (bytes === null) return null;
    const entries = new Map<string, TreeEntry>();
    for (let at = 0; at < bytes.byteLength;) {
      const space = bytes.indexOf(SPACE, at);
      const nul = bytes.indexOf(NUL, space);
      const end = nul + 1 + this.#idBytes;
      if (space === -1 || nul === -1 || end > bytes.byteLength) return null;
      const decoder = new TextDecoder();
      const name = decoder.decode(bytes.subarray(space + 1, nul));
      // Two of a name would hide one: git refuses such a tree, too.
      if (entries.has(name)) return null;
      entries.set(name, {
        mode: decoder.decode(bytes.subarray(at, space)),
        id: hexOf(bytes.subarray(nul + 1, end)),
      });
      at = end;
    }
    return entries;
  }

  blob(id: string): Uint8Array | null {
    return this.#bytes(id, 'blob');
  }

  #bytes(id: string, type: GitObject['type']): Uint8Array | null {
    const found = this.#objects.get(id);
    return found?.type === type ? found.bytes : null;
  }
}

function bytesOf(base64: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
