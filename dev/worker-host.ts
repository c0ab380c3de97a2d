// Runs the built Worker in workerd: `node dev/worker-host.ts <file>`, which holds a `WorkerStart`.
// Ends in order at SIGTERM, and when the Worker does not start.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  Log,
  LogLevel,
  Miniflare,
  type V4WorkerOptions,
  convertV4MiniflareOptions,
} from 'miniflare';

/** How a Worker is started; secrets are among its variables. */
export type WorkerStart = {
  /** Folder with what `buildWorker` made. */
  program: string;
  port: number;
  /** Folder of its state. */
  state: string;
  variables: Record<string, string>;
  databaseUrl: string;
};

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const { program, port, state, variables, databaseUrl } = read(process.argv[2] ?? '') as WorkerStart;
const options = read(path.join(program, 'worker.json')) as V4WorkerOptions;

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port,
    // The place where wrangler keeps it: what was kept by `wrangler dev` is there still.
    resourcePersistencePath: path.join(state, 'v3'),
    // Nobody is asked where this machine is.
    cf: false,
    log: new Log(LogLevel.WARN),
    logRequests: false,
    handleStructuredLogs: ({ message }) => console.log(message),
    workers: [
      {
        ...options,
        modules: [{ type: 'ESModule', path: path.join(program, 'index.js') }],
        modulesRoot: program,
        bindings: { ...options.bindings, ...variables },
        hyperdrives: { HYPERDRIVE: databaseUrl },
      } as V4WorkerOptions,
    ],
  }),
);
process.once('SIGTERM', () => {
  void miniflare.dispose().finally(() => process.exit(0));
});
// Ctrl+C reaches the whole terminal group; the stack decides the order in which parts end.
process.on('SIGINT', () => {});
await miniflare.ready;
