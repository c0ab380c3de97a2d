import {
  PUSH_EVIDENCE_MAX_CHARS,
  PushEvidence,
  WORKER_IDENTITY,
} from '../../protocol/push-evidence.ts';
import type { RefCommand } from './pkt-line.ts';

type Commit = { parents: string[]; committer: string };

const HEADER =
  /^tree [0-9a-f]+\n(?<parents>(?:parent [0-9a-f]+\n)*)author [^\n]*\ncommitter [^\n]*<(?<committer>[^<>\n]*)> -?\d+ [+-]\d+\n/;

/**
 * Whether a push keeps every commit on the branch that is not the worker's own.
 *
 * The worker has the same token as the runner, so that nothing which either says counts, and the
 * gateway has no objects to look into. What counts is arithmetic: a commit's name is the hash of its
 * text, which names its parents and its committer. So the push brings the texts of a few commits, and
 * the gateway walks from the branch's old tip: whatever it comes to is either under the new tip, too,
 * or a commit that the worker made. A text that is missing, or of another commit, ends in a refusal;
 * a text too many proves nothing wrong. That the old tip still is what the host has is for the host
 * to check, which takes an update only from the tip that it names.
 *
 * A plain `git push` onto the branch brings nothing, and is refused once the branch is there.
 */
export async function keepsOthersWork(
  { before, after }: Pick<RefCommand, 'before' | 'after'>,
  evidence: string | null,
): Promise<boolean> {
  if (/^0+$/.test(before)) return true;
  const commits = await readCommits(evidence ?? '', before.length === 40 ? 'SHA-1' : 'SHA-256');
  const kept = new Set<string>();
  const under = [after];
  for (let id = under.pop(); id !== undefined; id = under.pop()) {
    if (kept.has(id)) continue;
    kept.add(id);
    under.push(...(commits.get(id)?.parents ?? []));
  }
  const dropped = new Set<string>();
  const left = [before];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (kept.has(id) || dropped.has(id)) continue;
    const commit = commits.get(id);
    if (commit?.committer !== WORKER_IDENTITY.email) return false;
    dropped.add(id);
    left.push(...commit.parents);
  }
  return true;
}

/** The commits by the names that they truly have; none when that is no evidence. */
async function readCommits(evidence: string, hash: string): Promise<Map<string, Commit>> {
  const commits = new Map<string, Commit>();
  if (evidence.length > PUSH_EVIDENCE_MAX_CHARS) return commits;
  for (const text of textsOf(evidence)) {
    const groups = HEADER.exec(text)?.groups;
    if (groups === undefined) continue;
    const { parents = '', committer = '' } = groups;
    commits.set(await nameOf(text, hash), {
      parents: parents
        .split('\n')
        .filter(Boolean)
        .map((line) => line.slice('parent '.length)),
      committer,
    });
  }
  return commits;
}

function textsOf(evidence: string): string[] {
  try {
    const bytes = Uint8Array.from(atob(evidence), (char) => char.charCodeAt(0));
    return PushEvidence.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return [];
  }
}

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage */
async function nameOf(text: string, hash: string): Promise<string> {
  const encoder = new TextEncoder();
  const size = encoder.encode(text).byteLength;
  const digest = await crypto.subtle.digest(hash, encoder.encode(`commit ${size}\0${text}`));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
