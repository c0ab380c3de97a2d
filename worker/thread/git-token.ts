import type { GitTokenAnswer } from '../../protocol/git-token.ts';
import { sentenceOf } from '../github/failures.ts';
import type { OwnToken, TokenOwner } from '../github/own-token.ts';
import type { GitHubResult } from '../github/port.ts';
import { type ReadKeys, isOfOlderKey, open, seal } from '../platform/sealed.ts';
import { secretHash } from '../platform/secret-hash.ts';
import type { SecretAnswer } from './secrets.ts';
import type { ThreadStore } from './storage/thread-store.ts';

const LOST = 'Your GitHub token cannot be read any more. Set it again in the settings (Account).';
/** A host that refuses says so for each request; the settings say no more than when. */
const SAID_AGAIN_MS = 60_000;

const refused = (text: string): SecretAnswer => ({
  is: 'refused',
  error: 'not_possible_now',
  text,
});

/**
 * A person's own token for the git host. It comes in once, is sealed at once, and is opened for what is
 * done for this person at the host only. Neither Postgres nor a page nor an export ever has it.
 */
export class GitToken {
  readonly #store: ThreadStore;
  readonly #keys: () => Promise<ReadKeys>;
  readonly #owner: (token: string) => Promise<GitHubResult<TokenOwner>>;

  constructor(parts: {
    store: ThreadStore;
    keys: () => Promise<ReadKeys>;
    /** Whose a token is; the host has to take it for that. */
    owner: (token: string) => Promise<GitHubResult<TokenOwner>>;
  }) {
    this.#store = parts.store;
    this.#keys = parts.keys;
    this.#owner = parts.owner;
  }

  /** Keeps a token that the host takes, in place of the one before; or takes it away with `null`. */
  async change(token: string | null, now: number): Promise<SecretAnswer> {
    if (token === null) {
      if (!this.#store.holdsGitToken) {
        return { is: 'refused', error: 'not_found', text: 'There is no token of yours.' };
      }
      this.#store.gitToken = null;
      return { is: 'done' };
    }
    const read = await this.#keys();
    if (read.is === 'none') return refused(read.why);
    const owner = await this.#owner(token);
    if (owner.is === 'failed') return refused(sentenceOf(owner.failure, null));
    const { login, ...atHost } = owner.value;
    const sealed = await seal(read.keys, token, this.#belongsTo);
    const hash = secretHash(token);
    this.#store.gitToken = { sealed, hash, login, atHost, at: now, refusedAt: null };
    return { is: 'done' };
  }

  /** For what is done at the host. One that cannot be opened is said: another's would not be the person's. */
  async use(): Promise<OwnToken> {
    if (!this.#store.holdsGitToken) return { is: 'none' };
    const kept = this.#store.gitToken;
    if (kept === null) return { is: 'closed', why: LOST };
    const read = await this.#keys();
    const opened =
      read.is === 'none'
        ? ({ is: 'closed', why: read.why } as const)
        : await open(read.keys, kept.sealed, this.#belongsTo);
    if (opened.is === 'closed') {
      const why = `Your GitHub token cannot be used. ${opened.why} Set it again in the settings (Account).`;
      return { is: 'closed', why };
    }
    if (read.is === 'keys' && isOfOlderKey(read.keys, kept.sealed)) {
      const sealed = await seal(read.keys, opened.text, this.#belongsTo);
      // Unless it was replaced or removed meanwhile.
      const now = this.#store.gitToken;
      if (now?.sealed === kept.sealed) this.#store.gitToken = { ...now, sealed };
    }
    return { is: 'token', token: opened.text };
  }

  /** The host did not take the token of this hash; one that was replaced since is no matter. */
  markRefused(hash: string, now: number): void {
    const kept = this.#store.gitToken;
    if (kept?.hash !== hash || now - (kept.refusedAt ?? 0) < SAID_AGAIN_MS) return;
    this.#store.gitToken = { ...kept, refusedAt: now };
  }

  /** What is shown of it. */
  async shown(): Promise<GitTokenAnswer['token']> {
    if (!this.#store.holdsGitToken) return null;
    const used = await this.use();
    const closed = used.is === 'closed' ? used.why : null;
    const { login = 'somebody', at = 0, refusedAt = null } = this.#store.gitToken ?? {};
    return { login, at, refusedAt, closed };
  }

  get #belongsTo(): string[] {
    return [this.#store.personId ?? '', 'git-token'];
  }
}
