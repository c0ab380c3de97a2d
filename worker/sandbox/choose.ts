import type { Env } from '../env.ts';
import { cloudflareSandbox } from './cloudflare.ts';
import { localSandbox } from './local.ts';
import type { SandboxPort } from './port.ts';

/** The local host where one is set, Cloudflare's containers elsewhere. */
export function sandboxPort(env: Env): SandboxPort {
  if (env.LOCAL_SANDBOX_URL !== undefined) {
    return localSandbox(env.LOCAL_SANDBOX_URL, env.LOCAL_SANDBOX_KEY ?? '');
  }
  if (env.SANDBOX !== undefined) return cloudflareSandbox(env.SANDBOX);
  const missing = () =>
    Promise.reject(new Error('There are no sandboxes: bind SANDBOX in wrangler.toml.'));
  return { ensure: missing, alive: () => Promise.resolve(false), stop: missing };
}
