import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import type { ApiCall } from './mirror.ts';

const Entry = z.object({ method: z.string(), path: z.string(), body: z.string() });

/** What lives in git is not kept here: it is mirrored from the bare repositories. */
const IN_GIT = /^\/repos\/[^/]+\/[^/]+\/git\//;

/**
 * The changes that were made through the API, to be made again at the next start: the emulated API
 * has no memory of its own, and gives the same numbers for the same calls in the same order.
 */
export class ApiJournal {
  readonly #file: string;

  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'api.jsonl');
  }

  /** Call before the change is answered. */
  add(entry: z.infer<typeof Entry>): void {
    if (!IN_GIT.test(entry.path)) appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  async replay(call: ApiCall, log: (line: string) => void): Promise<void> {
    if (!existsSync(this.#file)) return;
    for (const line of readFileSync(this.#file, 'utf8').split('\n').filter(Boolean)) {
      try {
        const { method, path: target, body } = Entry.parse(JSON.parse(line));
        const { status } = await call(method, target, body === '' ? undefined : JSON.parse(body));
        if (status >= 300) log(`replay of ${method} ${target} was answered ${status}`);
      } catch {
        // A kill in the middle of writing leaves at most one cut line, whose change was not answered.
        log('left out a cut line of the journal');
      }
    }
  }
}
