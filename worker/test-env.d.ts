import type { Env as MainloopEnv } from './env.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** How many inputs `fuzz.worker.test.ts` takes, and which. */
    fuzz: { inputs: number; seed: number };
  }
}

/** What `env` and `exports` of `cloudflare:workers` are in the workerd tests. */
declare global {
  interface ImportMeta {
    /** Vite's: the files that fit, by their paths. https://vite.dev/guide/features.html#glob-import */
    glob<T>(
      pattern: string,
      options: { query: '?raw'; import: 'default'; eager: true },
    ): Record<string, T>;
  }
  namespace Cloudflare {
    interface Env extends MainloopEnv {}
    interface GlobalProps {
      mainModule: typeof import('./index.ts');
    }
  }
}
