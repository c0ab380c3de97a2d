import * as z from 'zod/mini';
import { accounts } from './cloudflare/account.ts';
import type { Client } from './cloudflare/client.ts';
import { NotSignedIn, Stop } from './stop.ts';
import type { Terminal } from './terminal.ts';
import type { Wrangler } from './wrangler.ts';

const Token = z.object({ type: z.string(), token: z.string() });
const SIGN_IN =
  'You are not signed in to Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN (docs/install.md lists its permissions).';

async function wranglersToken(wrangler: Wrangler): Promise<string | null> {
  const { code, output } = await wrangler(['auth', 'token', '--json'], false);
  const json = output.slice(output.indexOf('{'));
  if (code !== 0 || json === '') return null;
  try {
    const read = Token.safeParse(JSON.parse(json));
    return read.success ? read.data.token : null;
  } catch {
    return null;
  }
}

/** The token of the environment, else that of `wrangler login`, which a person may do now. */
export async function cloudflareToken(
  environment: NodeJS.ProcessEnv,
  wrangler: Wrangler,
  { confirm }: Terminal,
): Promise<string> {
  const set = environment.CLOUDFLARE_API_TOKEN;
  if (set) return set;
  const before = await wranglersToken(wrangler);
  if (before !== null) return before;
  if (confirm === null || !(await confirm('Sign in to Cloudflare now, in the browser?'))) {
    throw new NotSignedIn(SIGN_IN);
  }
  await wrangler(['login'], true);
  const after = await wranglersToken(wrangler);
  if (after === null) throw new NotSignedIn(SIGN_IN);
  return after;
}

/** The account that was named, or the only one that there is. */
export async function chooseAccount(client: Client, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const found = await accounts(client);
  const [only, another] = found;
  if (only === undefined) throw new Stop('The token opens no Cloudflare account.');
  if (another === undefined) return only.id;
  const list = found.map(({ id, name }) => `  --account=${id}  ${name}`).join('\n');
  throw new Stop(`Several Cloudflare accounts are open to you. Say which one:\n${list}`);
}
