import { jwtVerify } from 'jose';

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};
/** What stands before the PKCS#1 in a PKCS#8 of 2048 bits. */
const AROUND_PKCS1 = 26;
const INSTALLATION = 7;
export const HOUR_MS = 60 * 60_000;

function pem(kind: string, bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${kind}-----`, ...lines, `-----END ${kind}-----`, ''].join('\n');
}

/** A new key, in the two forms that it may be given in. */
export async function newAppKey() {
  const made = await crypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
  if (!('privateKey' in made)) throw new Error('RSA makes pairs.');
  const exported = await crypto.subtle.exportKey('pkcs8', made.privateKey);
  if (!(exported instanceof ArrayBuffer)) throw new Error('PKCS#8 is bytes.');
  const bytes = new Uint8Array(exported);
  return {
    pkcs8: pem('PRIVATE KEY', bytes),
    pkcs1: pem('RSA PRIVATE KEY', bytes.subarray(AROUND_PKCS1)),
    publicKey: made.publicKey,
  };
}

/** The part of a host that knows one App, `12` with the keys that are given, as a fetcher. */
export function appHost(name: string, ...publicKeys: CryptoKey[]) {
  const host = {
    keys: publicKeys,
    installedOn: ['demo/tasks'],
    suspended: false,
    granted: {
      metadata: 'read',
      contents: 'write',
      pull_requests: 'write',
      issues: 'write',
      checks: 'read',
      statuses: 'read',
    } as Record<string, string>,
    /** What tokens were asked for, in order. */
    minted: [] as { token: string; repositories?: string[]; permissions?: unknown }[],
    /** Tokens that it does not take any more. */
    ended: new Set<string>(),
    env: { GITHUB_API_URL: `http://${name}.test/api`, GITHUB_APP_ID: '12' },
    fetcher: async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const request = new Request(input, init);
      const token = request.headers.get('authorization')?.split(' ')[1] ?? '';
      const { pathname } = new URL(request.url);
      const path = pathname.slice('/api'.length);
      if (token.startsWith('eyJ')) return asItself(request, path, token);
      if (!host.minted.some((one) => one.token === token) || host.ended.has(token)) {
        return said(401, 'Bad credentials');
      }
      if (host.suspended) return said(403, 'This installation has been suspended');
      if (path === '/user/repos') return said(403, 'Resource not accessible by integration');
      if (path === '/installation/repositories') {
        return Response.json({ repositories: host.installedOn.map(repository) });
      }
      if (path === '/users/helper%5Bbot%5D') return Response.json({ id: 99 });
      return Response.json(repository(path.replace('/repos/', '')));
    },
  };
  const said = (status: number, message: string) => Response.json({ message }, { status });
  const repository = (full: string) => ({
    full_name: full,
    default_branch: 'main',
    private: true,
    permissions: { push: true },
  });
  const installation = () => ({
    id: INSTALLATION,
    html_url: 'http://host.test/settings/installations/7',
    account: { login: 'demo' },
    permissions: host.granted,
    suspended_at: host.suspended ? '2026-01-01T00:00:00Z' : null,
  });

  async function asItself(request: Request, path: string, token: string): Promise<Response> {
    const checks = host.keys.map((key) =>
      jwtVerify(token, key, { algorithms: ['RS256'], issuer: '12' }).then(
        ({ payload }) => (payload.exp ?? 0) - (payload.iat ?? 0) <= 600,
        () => false,
      ),
    );
    if (!(await Promise.all(checks)).includes(true)) {
      return said(401, 'A JSON web token could not be decoded');
    }
    if (path === '/app') {
      return Response.json({
        name: 'Helper',
        slug: 'helper',
        html_url: 'http://host.test/apps/helper',
      });
    }
    if (path === '/app/installations') return Response.json([installation()]);
    const full = /^\/repos\/(?<full>.+)\/installation$/.exec(path)?.groups?.full;
    if (full !== undefined) {
      return host.installedOn.includes(full)
        ? Response.json(installation())
        : said(404, 'Not Found');
    }
    if (host.suspended) return said(403, 'This installation has been suspended');
    const wanted: { repositories?: string[]; permissions?: unknown } = await request.json();
    const made = `ghs_${name}_${host.minted.length}`;
    host.minted.push({ token: made, ...wanted });
    const expires_at = new Date(Date.now() + HOUR_MS).toISOString();
    return Response.json({ token: made, expires_at }, { status: 201 });
  }
  return host;
}
