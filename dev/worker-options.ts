// Writes what workerd has to know of the Worker, as wrangler reads it from wrangler.toml:
// `node dev/worker-options.ts <folder>`. wrangler itself takes seconds of a core to load: it is asked once
// for each build, not for each start.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [into = ''] = process.argv.slice(2);

// It wants an address, whoever asks; the one of each start takes its place (`dev/worker-host.ts`).
process.env.CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE =
  'postgres://nobody:none@127.0.0.1:1/none';
const config = path.join(ROOT, 'wrangler.toml');
const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
const { name, vars } = unstable_readConfig({ config });
// The variables of wrangler.toml alone: what stands in .dev.vars is secret, and given at each start.
const options = { ...workerOptions, name, bindings: vars };
writeFileSync(path.join(into, 'worker.json'), JSON.stringify(options));
