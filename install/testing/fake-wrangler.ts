import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Wrangler } from '../wrangler.ts';
import type { StandIn } from './stand-in.ts';

const Read = z.looseObject({
  name: z.string(),
  account_id: z.string(),
  compatibility_date: z.string(),
  vars: z.record(z.string(), z.string()),
  routes: z.array(z.object({ pattern: z.string() })),
  queues: z.object({
    consumers: z.array(
      z.looseObject({ queue: z.string(), dead_letter_queue: z.optional(z.string()) }),
    ),
  }),
  workflows: z.array(z.looseObject({ name: z.string(), class_name: z.string() })),
  r2_buckets: z.array(z.looseObject({ binding: z.string(), bucket_name: z.string() })),
  hyperdrive: z.optional(z.array(z.object({ binding: z.string(), id: z.string() }))),
});
/** What the stand-in calls the namespace of the sandboxes' objects. */
const NAMESPACE = 'ns-TaskSandbox';

const Result = z.object({ success: z.boolean(), result: z.unknown() });
const Queues = z.array(
  z.object({
    queue_id: z.string(),
    queue_name: z.string(),
    consumers: z.array(z.object({ consumer_id: z.string() })),
  }),
);

/** What `wrangler deploy` writes, in its order; `command.pg.test.ts` holds it against the real one. */
export function fakeWrangler(standIn: StandIn): Wrangler {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${standIn.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${standIn.token}`,
        ...(body !== undefined &&
          !(body instanceof FormData) && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
    const { success, result } = Result.parse(await response.json());
    if (!success) throw new Error(`${method} ${path} was refused`);
    return result;
  }

  async function deploy(config: z.infer<typeof Read>, secrets: object, tag: string) {
    const account = `/accounts/${config.account_id}`;
    const script = `${account}/workers/scripts/${config.name}`;
    const registry = 'registry.cloudflare.com';
    await call('POST', `${account}/containers/registries/${registry}/credentials`, {
      permissions: ['push', 'pull'],
    });
    const image = `${registry}/${config.account_id}/runner@sha256:1`;
    await call('POST', `${account}/containers/image-preparations`, { image });
    await call('POST', `${script}/assets-upload-session`, {
      manifest: { '/index.html': { hash: 'h1', size: 10 } },
    });
    const form = new FormData();
    form.set(
      'metadata',
      JSON.stringify({
        main_module: 'index.js',
        compatibility_date: config.compatibility_date,
        keep_bindings: ['secret_text'],
        annotations: { 'workers/tag': tag },
        containers: [{ name: 'sandbox', class_name: 'TaskSandbox', images: { runner: image } }],
        bindings: [
          { type: 'durable_object_namespace', name: 'SANDBOX', class_name: 'TaskSandbox' },
          ...Object.entries(config.vars).map(([name, text]) => ({
            type: 'plain_text',
            name,
            text,
          })),
          ...Object.entries(secrets).map(([name, text]) => ({ type: 'secret_text', name, text })),
          ...(config.hyperdrive ?? []).map(({ binding, id }) => ({
            type: 'hyperdrive',
            name: binding,
            id,
          })),
          ...config.r2_buckets.map(({ binding, bucket_name }) => ({
            type: 'r2_bucket',
            name: binding,
            bucket_name,
          })),
        ],
      }),
    );
    await call('PUT', script, form);
    const application = await fetch(
      `${standIn.url}${account}/containers/applications/${NAMESPACE}`,
      {
        headers: { authorization: `Bearer ${standIn.token}` },
      },
    );
    if (application.status === 404) {
      await call('POST', `${account}/containers/applications`, {
        name: 'sandbox',
        scheduling_policy: 'durable_object',
        durable_objects: { namespace_id: NAMESPACE },
      });
    }
    await call('POST', `${script}/subdomain`, { enabled: false, previews_enabled: false });
    for (const { pattern } of config.routes) {
      await call('POST', `${script}/domains/changeset`, [{ hostname: pattern }]);
      await call('PUT', `${script}/domains/records`, {
        override_scope: true,
        origins: [{ hostname: pattern }],
      });
    }
    for (const { queue, dead_letter_queue } of config.queues.consumers) {
      const found = Queues.parse(await call('GET', `${account}/queues?name=${queue}`));
      const path = `${account}/queues/${found[0]?.queue_id}/consumers`;
      const consumer = found[0]?.consumers[0]?.consumer_id;
      const body = {
        type: 'worker',
        script_name: config.name,
        ...(dead_letter_queue !== undefined && { dead_letter_queue }),
      };
      if (consumer === undefined) await call('POST', path, body);
      else await call('PUT', `${path}/${consumer}`, body);
    }
    for (const { name, class_name } of config.workflows) {
      await call('PUT', `${account}/workflows/${name}`, { script_name: config.name, class_name });
    }
  }

  return async (args) => {
    const flag = (name: string) =>
      args.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '';
    const config = Read.parse(JSON.parse(readFileSync(flag('config'), 'utf8')));
    const secrets = z
      .record(z.string(), z.string())
      .parse(JSON.parse(readFileSync(flag('secrets-file'), 'utf8')));
    try {
      await deploy(config, secrets, flag('tag'));
      return { code: 0, output: '' };
    } catch (error) {
      return { code: 1, output: String(error) };
    }
  };
}
