import { createPrivateKey, createPublicKey, generateKeyPairSync, randomInt } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import * as z from 'zod/mini';
import { BAD } from './permission.ts';
import type { Answered } from './pull-request-calls.ts';

const INSTALLATION = 4711;
const BOT_ID = 987_654;
/** GitHub's own limit for what an App shows of itself. */
const JWT_LASTS_S = 600;
const TOKEN_LASTS_MS = 60 * 60_000;
const INSTALLATION_OF = /^\/repos\/(?<full>[^/]+\/[^/?]+)\/installation$/;
const REPOSITORY = /^\/repos\/(?<full>[^/]+\/[^/?]+)/;
const MINTS = `/app/installations/${INSTALLATION}/access_tokens`;

const Wanted = z.object({
  permissions: z.optional(z.record(z.string(), z.string())),
  repositories: z.optional(z.array(z.string())),
});
const Minted = z.looseObject({
  token: z.string(),
  permissions: z.record(z.string(), z.string()),
});

type Opens = { repositories: string[]; permissions: Record<string, string>; endsAt: number };

/** A call to the emulated API, as whoever the first one says. */
type InnerCall = (
  authorization: string,
  method: string,
  target: string,
  body: string,
) => Promise<Answered>;

const failure = (status: number, message: string): Answered => ({ status, json: { message } });
const SUSPENDED = failure(403, 'This installation has been suspended');

/** The least that a fine host would ask of a token for a call; null where reading is enough. */
function permissionOf(method: string, target: string): string | null {
  if (method === 'GET') return null;
  if (target.endsWith('/merge') || target.includes('/git/')) return 'contents';
  return target.includes('/pulls') || target === '/graphql' ? 'pull_requests' : 'issues';
}

const newKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    // As GitHub gives it.
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });

/**
 * A GitHub App that is installed on the host's repositories. What it shows of itself is checked by
 * its public keys; its tokens are the emulated API's, which knows whose hand a change is, within what
 * they were asked for.
 */
export class HostApp {
  readonly id = String(randomInt(100_000, 999_999));
  readonly slug = 'mainloop-of-the-test';
  readonly permissions: Record<string, string> = {
    metadata: 'read',
    contents: 'write',
    pull_requests: 'write',
    issues: 'write',
    checks: 'read',
    statuses: 'read',
    actions: 'read',
  };
  /** Repositories that it is installed on; a test takes some out. */
  readonly installedOn: Set<string>;
  suspended = false;
  readonly #url: string;
  readonly #owner: string;
  /** The emulated API's key: it knows one, for good. */
  readonly #inside = newKey();
  readonly #keys = [this.#inside];
  readonly #tokens = new Map<string, Opens>();

  constructor(url: string, repositories: readonly string[]) {
    this.#url = url;
    this.installedOn = new Set(repositories);
    this.#owner = repositories[0]?.split('/')[0] ?? '';
  }

  /** The newest key, as PEM. */
  get privateKey(): string {
    return this.#keys.at(-1)?.privateKey ?? '';
  }

  /** What the emulated API has to know of it. */
  get seed() {
    return {
      app_id: Number(this.id),
      slug: this.slug,
      name: 'Mainloop of the test',
      private_key: this.#inside.privateKey,
      permissions: this.permissions,
      installations: [
        {
          installation_id: INSTALLATION,
          account: this.#owner,
          repository_selection: 'all' as const,
          permissions: this.permissions,
        },
      ],
    };
  }

  /** A further key; those before stay good until they are taken away. */
  addKey(): string {
    const key = newKey();
    this.#keys.push(key);
    return key.privateKey;
  }

  takeOlderKeys(): void {
    this.#keys.splice(0, this.#keys.length - 1);
  }

  /** All that were given out are over. */
  endTokens(): void {
    this.#tokens.clear();
  }

  /** What was given out: for what, and of which repositories. */
  get given(): Opens[] {
    return [...this.#tokens.values()];
  }

  /** True when a token of the App's opens this repository to git. */
  opensGit(token: string, full: string, pushes: boolean): boolean {
    const opens = this.#opensOf(token);
    const level = opens?.permissions.contents;
    return (
      opens?.repositories.includes(full) === true &&
      (level === 'write' || (!pushes && level === 'read'))
    );
  }

  /** True when a token of the App's may make this call. */
  mayCall(token: string, method: string, target: string): boolean {
    const opens = this.#opensOf(token);
    if (opens === null) return false;
    const full = REPOSITORY.exec(target)?.groups?.full;
    if (full !== undefined && !opens.repositories.includes(full)) return false;
    const permission = permissionOf(method, target);
    return permission === null || opens.permissions[permission] === 'write';
  }

  /**
   * The host's answer to a call of the App itself, and its refusal of what its tokens do not open;
   * null for all others.
   *
   * @param inner makes a call to the emulated API.
   */
  async answer(
    token: string,
    method: string,
    target: string,
    body: string,
    inner: InnerCall,
  ): Promise<Answered | null> {
    if (token.startsWith('eyJ')) return this.#asItself(token, method, target, body, inner);
    if (!token.startsWith('ghs_')) return null;
    if (this.suspended) return SUSPENDED;
    const opens = this.#opensOf(token);
    if (opens === null) return BAD;
    if (target === `/users/${encodeURIComponent(`${this.slug}[bot]`)}`) {
      return { status: 200, json: { login: `${this.slug}[bot]`, id: BOT_ID, type: 'Bot' } };
    }
    const [path = ''] = target.split('?');
    if (path === '/installation/repositories') {
      const all = opens.repositories.map((full) =>
        inner(`token ${token}`, 'GET', `/repos/${full}`, ''),
      );
      const repositories = (await Promise.all(all)).map(({ json }) => json);
      return { status: 200, json: { total_count: repositories.length, repositories } };
    }
    return this.mayCall(token, method, target)
      ? null
      : failure(403, 'Resource not accessible by integration');
  }

  async #asItself(
    token: string,
    method: string,
    target: string,
    body: string,
    inner: InnerCall,
  ): Promise<Answered> {
    if (!(await this.#isMine(token))) return failure(401, 'A JSON web token could not be decoded');
    const [path = ''] = target.split('?');
    if (method === 'GET' && path === '/app') {
      const { slug } = this;
      const url = `${this.#url}/apps/${slug}`;
      return {
        status: 200,
        json: { id: Number(this.id), slug, name: this.seed.name, html_url: url },
      };
    }
    if (method === 'GET' && path === '/app/installations') {
      return { status: 200, json: this.installedOn.size === 0 ? [] : [this.#installation] };
    }
    const full = method === 'GET' ? INSTALLATION_OF.exec(path)?.groups?.full : undefined;
    if (full !== undefined) {
      return this.installedOn.has(full)
        ? { status: 200, json: this.#installation }
        : failure(404, 'Not Found');
    }
    if (method !== 'POST' || path !== MINTS) return failure(404, 'Not Found');
    return this.#mint(body, inner);
  }

  async #mint(body: string, inner: InnerCall): Promise<Answered> {
    if (this.suspended) return SUSPENDED;
    const { repositories: names } = Wanted.parse(body === '' ? {} : JSON.parse(body));
    const wanted = names?.map((name) => `${this.#owner}/${name}`);
    if (wanted?.some((full) => !this.installedOn.has(full)) === true) {
      return failure(422, 'The repositories requested are not accessible to this installation.');
    }
    const own = await signed(this.id, this.#inside.privateKey);
    const answer = await inner(`Bearer ${own}`, 'POST', MINTS, body);
    const minted = Minted.safeParse(answer.json);
    if (!minted.success) return answer;
    const endsAt = Date.now() + TOKEN_LASTS_MS;
    const { token, permissions } = minted.data;
    this.#tokens.set(token, {
      repositories: wanted ?? [...this.installedOn],
      permissions,
      endsAt,
    });
    const json = { ...minted.data, expires_at: new Date(endsAt).toISOString() };
    return { status: answer.status, json };
  }

  get #installation() {
    return {
      id: INSTALLATION,
      html_url: `${this.#url}/settings/installations/${INSTALLATION}`,
      account: { login: this.#owner },
      permissions: this.permissions,
      suspended_at: this.suspended ? new Date().toISOString() : null,
    };
  }

  #opensOf(token: string): Opens | null {
    const opens = this.#tokens.get(token);
    return opens !== undefined && opens.endsAt > Date.now() ? opens : null;
  }

  async #isMine(token: string): Promise<boolean> {
    for (const { publicKey } of this.#keys) {
      const read = await jwtVerify(token, createPublicKey(publicKey), {
        algorithms: ['RS256'],
        issuer: this.id,
        requiredClaims: ['iat', 'exp'],
      }).catch(() => null);
      if (read === null) continue;
      const { iat = 0, exp = 0 } = read.payload;
      return exp - iat <= JWT_LASTS_S && iat <= Date.now() / 1_000;
    }
    return false;
  }
}

function signed(id: string, privateKey: string): Promise<string> {
  const key = createPrivateKey(privateKey);
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(id)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key);
}
