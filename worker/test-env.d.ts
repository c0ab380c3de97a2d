import type { Env as MainloopEnv } from './env.ts';

/** What `env` and `exports` of `cloudflare:workers` are in the workerd tests. */
declare global {
  namespace Cloudflare {
    interface Env extends MainloopEnv {}
    interface GlobalProps {
      mainModule: typeof import('./index.ts');
    }
  }
}
