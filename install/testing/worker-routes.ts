import * as z from 'zod/mini';
import {
  type Account,
  NO_WORKER,
  type Route,
  newId,
  newUuid,
  refused,
  result,
  workerOf,
} from './account.ts';

const ACCOUNT = '/accounts/:account';
const SCRIPT = `${ACCOUNT}/workers/scripts/:script`;

const Binding = z.looseObject({ type: z.string(), name: z.string() });
const Metadata = z.looseObject({
  main_module: z.string(),
  bindings: z.array(Binding),
  compatibility_date: z.string(),
  keep_bindings: z.optional(z.array(z.string())),
  containers: z.optional(z.array(z.looseObject({ name: z.string(), class_name: z.string() }))),
  migrations: z.optional(z.looseObject({ new_tag: z.string(), old_tag: z.optional(z.string()) })),
  annotations: z.optional(z.looseObject({ 'workers/tag': z.optional(z.string()) })),
});
const Upload = z
  .instanceof(FormData)
  .check(
    z.refine((form) => Metadata.safeParse(readMetadata(form)).success, 'no metadata of a Worker'),
  );
const Manifest = z.strictObject({
  manifest: z.record(z.string(), z.strictObject({ hash: z.string(), size: z.int() })),
});
const Files = z.instanceof(FormData);
const Tags = z.looseObject({});

function readMetadata(form: FormData): unknown {
  const part = form.get('metadata');
  return typeof part === 'string' ? JSON.parse(part) : undefined;
}

const deploymentsOf = (version: string) => ({
  deployments: [
    {
      id: newUuid(),
      source: 'wrangler',
      strategy: 'percentage',
      author_email: 'me@example.com',
      created_on: '2026-11-30T00:00:00Z',
      annotations: {},
      versions: [{ version_id: version, percentage: 100 }],
    },
  ],
});

/** What the bindings that name something of the account name there, or why they do not. */
function missing(account: Account, bindings: readonly Record<string, unknown>[]): string | null {
  const queues = new Set([...account.queues.values()].map(({ name }) => name));
  for (const { type, name, queue_name, id, bucket_name } of bindings) {
    if (type === 'queue' && !queues.has(String(queue_name)))
      return `binding ${name}: no such queue`;
    if (type === 'hyperdrive' && !account.hyperdrives.has(String(id))) {
      return `binding ${name}: Hyperdrive config not found`;
    }
    if (type === 'r2_bucket' && !account.buckets.has(String(bucket_name))) {
      return `binding ${name}: bucket not found`;
    }
  }
  return null;
}

const upload: Route = {
  method: 'PUT',
  path: SCRIPT,
  body: Upload,
  answer: (account, { named, body }) => {
    const metadata = Metadata.parse(readMetadata(Upload.parse(body)));
    const absent = missing(account, metadata.bindings);
    if (absent !== null) return refused(400, 10021, absent);
    const { worker } = account;
    const before = worker?.versions[0]?.bindings ?? [];
    const keepsSecrets = metadata.keep_bindings?.includes('secret_text') === true;
    const secrets = new Map(keepsSecrets ? worker?.secrets : []);
    for (const { type, name, text } of metadata.bindings) {
      if (type === 'secret_text') secrets.set(name, String(text));
      const inherited = before.some((one) => one.name === name);
      if (type === 'inherit' && !inherited && !secrets.has(name)) {
        return refused(400, 10057, `inherit binding '${name}' is invalid`);
      }
    }
    const bindings = metadata.bindings.map((binding) =>
      binding.type === 'inherit'
        ? (before.find(({ name }) => name === binding.name) ?? binding)
        : binding,
    );
    const tag = metadata.annotations?.['workers/tag'] ?? null;
    const version = { id: newUuid(), tag, bindings };
    account.worker = {
      name: named.script ?? '',
      versions: [version, ...(worker?.versions ?? [])],
      compatibilityDate: metadata.compatibility_date,
      secrets,
      containers: metadata.containers ?? null,
      migrationTag: metadata.migrations?.new_tag ?? worker?.migrationTag ?? null,
      workersDev: worker?.workersDev ?? true,
    };
    return result({
      id: named.script,
      etag: 'e',
      tag: newId(),
      deployment_id: version.id.replaceAll('-', ''),
      startup_time_ms: 20,
      compatibility_date: metadata.compatibility_date,
    });
  },
};

/** The Worker and all that `wrangler deploy` and `wrangler delete` call for it. */
export const WORKER_ROUTES: readonly Route[] = [
  upload,
  {
    method: 'GET',
    path: `${ACCOUNT}/workers/services/:script`,
    answer: (account, { named }) => {
      const worker = workerOf(account, named.script);
      if (worker === null) return refused(404, 10090, 'This service does not exist.');
      return result({
        id: worker.name,
        default_environment: {
          environment: 'production',
          script: { id: worker.name, tag: 't', tags: [], last_deployed_from: 'wrangler' },
        },
      });
    },
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/workers/workers/:script`,
    answer: (account, { named }) => {
      const worker = workerOf(account, named.script);
      if (worker === null) return NO_WORKER;
      return result({
        id: worker.name,
        name: worker.name,
        subdomain: { enabled: worker.workersDev, previews_enabled: false },
      });
    },
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/workers/scripts`,
    answer: ({ worker }) =>
      result(worker === null ? [] : [{ id: worker.name, migration_tag: worker.migrationTag }]),
  },
  {
    method: 'GET',
    path: `${SCRIPT}/settings`,
    answer: (account, { named }) => {
      const worker = workerOf(account, named.script);
      if (worker === null) return NO_WORKER;
      return result({
        bindings: worker.versions[0]?.bindings ?? [],
        compatibility_date: worker.compatibilityDate,
        compatibility_flags: ['nodejs_compat'],
      });
    },
  },
  {
    method: 'GET',
    path: `${SCRIPT}/secrets`,
    answer: (account, { named }) => {
      const worker = workerOf(account, named.script);
      if (worker === null) return NO_WORKER;
      return result([...worker.secrets.keys()].map((name) => ({ name, type: 'secret_text' })));
    },
  },
  {
    method: 'GET',
    path: `${SCRIPT}/deployments`,
    answer: (account, { named }) => {
      const version = workerOf(account, named.script)?.versions[0];
      return version === undefined ? NO_WORKER : result(deploymentsOf(version.id));
    },
  },
  {
    method: 'GET',
    path: `${SCRIPT}/versions/:version`,
    answer: (account, { named }) => {
      const worker = workerOf(account, named.script);
      const version = worker?.versions.find(({ id }) => id === named.version);
      if (worker === null || version === undefined) return NO_WORKER;
      return result({
        id: version.id,
        number: 1,
        metadata: { source: 'wrangler', created_on: '2026-11-30T00:00:00Z', author_email: '' },
        annotations: version.tag === null ? {} : { 'workers/tag': version.tag },
        resources: {
          bindings: version.bindings.map((binding) =>
            binding.type === 'durable_object_namespace'
              ? { ...binding, namespace_id: `ns-${String(binding.class_name)}` }
              : binding,
          ),
          script: { etag: 'e', handlers: ['fetch', 'queue'] },
          script_runtime: {
            compatibility_date: worker.compatibilityDate,
            usage_model: 'standard',
            ...(worker.containers !== null && { containers: worker.containers }),
          },
        },
      });
    },
  },
  {
    method: 'DELETE',
    path: SCRIPT,
    answer: (account, { named }) => {
      if (workerOf(account, named.script) === null) return NO_WORKER;
      account.worker = null;
      for (const queue of account.queues.values()) {
        queue.consumers = queue.consumers.filter(({ script }) => script !== named.script);
      }
      for (const [host, script] of account.domains) {
        if (script === named.script) account.domains.delete(host);
      }
      return result(null);
    },
  },
  {
    method: 'POST',
    path: `${SCRIPT}/assets-upload-session`,
    body: Manifest,
    answer: (account, { body }) => {
      const hashes = Object.values(Manifest.parse(body).manifest).map(({ hash }) => hash);
      const jwt = 'assets-upload';
      account.assets.add(jwt);
      account.assets.add('assets-done');
      const fresh = hashes.filter((hash) => !account.assets.has(hash));
      return result(
        fresh.length === 0 ? { jwt: 'assets-done', buckets: [] } : { jwt, buckets: [fresh] },
      );
    },
  },
  {
    method: 'POST',
    path: `${ACCOUNT}/workers/assets/upload`,
    body: Files,
    answer: (account, { body }) => {
      for (const hash of Files.parse(body).keys()) account.assets.add(hash);
      return result({ jwt: 'assets-done' });
    },
  },
  {
    method: 'PATCH',
    path: `${SCRIPT}/script-settings`,
    body: Tags,
    answer: () => result({}),
  },
];
