import * as z from 'zod/mini';
import { type Client, Nothing, must, orNone } from './client.ts';

const Deployments = z.object({
  deployments: z.array(z.object({ versions: z.array(z.object({ version_id: z.string() })) })),
});
const Binding = z.looseObject({ type: z.string(), name: z.string() });
const Version = z.object({
  annotations: z.optional(z.looseObject({ 'workers/tag': z.optional(z.string()) })),
  resources: z.object({
    bindings: z.array(Binding),
    script_runtime: z.optional(
      z.object({
        compatibility_date: z.optional(z.string()),
        containers: z.optional(
          z.array(z.looseObject({ images: z.optional(z.record(z.string(), z.unknown())) })),
        ),
      }),
    ),
  }),
});
const Secret = z.object({ name: z.string() });
const Subdomain = z.object({ enabled: z.boolean() });
const Domain = z.object({ hostname: z.string(), service: z.string() });
const Workflow = z.object({ script_name: z.optional(z.string()) });

/** What runs at Cloudflare now. */
export type LiveWorker = {
  /** Names what it was built from; null for a version that setup did not deploy. */
  tag: string | null;
  bindings: z.infer<typeof Binding>[];
  compatibilityDate: string | null;
  /** It was uploaded with an image for sandboxes. */
  hasImage: boolean;
  /** The application under which its containers run; its id is that of the objects' namespace. */
  containers: { id: string; isThere: boolean } | null;
  secrets: string[];
  /** It is reached at workers.dev, past Access. */
  onWorkersDev: boolean;
};

/** What a binding of this name says there; null where there is none. */
export function boundTo({ bindings }: LiveWorker, name: string, field: string): string | null {
  const value = bindings.find((one) => one.name === name)?.[field];
  return typeof value === 'string' ? value : null;
}

/** The class whose objects have a container each. */
const SANDBOX = 'TaskSandbox';

async function hasContainers(client: Client, accountId: string, id: string): Promise<boolean> {
  const read = await client.get(`/accounts/${accountId}/containers/applications/${id}`, Nothing);
  return orNone(read, 'look for the containers') !== null;
}

/** Ends those that run. */
export async function removeContainers(client: Client, accountId: string, id: string) {
  const path = `/accounts/${accountId}/containers/applications/${id}`;
  must(await client.send('DELETE', path, undefined, Nothing), 'remove the containers');
}

export async function liveWorker(
  client: Client,
  accountId: string,
  name: string,
): Promise<LiveWorker | null> {
  const script = `/accounts/${accountId}/workers/scripts/${name}`;
  const deployed = orNone(
    await client.get(`${script}/deployments`, Deployments),
    'read the deployments of the Worker',
  );
  const version = deployed?.deployments[0]?.versions[0]?.version_id;
  if (version === undefined) return null;
  const [read, secrets, subdomain] = await Promise.all([
    client.get(`${script}/versions/${version}`, Version),
    client.get(`${script}/secrets`, z.array(Secret)),
    client.get(`${script}/subdomain`, Subdomain),
  ]);
  const { annotations, resources } = must(read, 'read the Worker’s version');
  const { compatibility_date = null, containers = [] } = resources.script_runtime ?? {};
  const id = resources.bindings.find(({ class_name }) => class_name === SANDBOX)?.namespace_id;
  const isThere = typeof id === 'string' && (await hasContainers(client, accountId, id));
  return {
    tag: annotations?.['workers/tag'] ?? null,
    bindings: resources.bindings,
    compatibilityDate: compatibility_date,
    containers: typeof id === 'string' ? { id, isThere } : null,
    hasImage: containers.some(({ images = {} }) => Object.keys(images).length > 0),
    secrets: must(secrets, 'list the Worker’s secrets').map((one) => one.name),
    onWorkersDev: must(subdomain, 'read the Worker’s workers.dev address').enabled,
  };
}

/** The Worker that a host name leads to; null where it leads to none. */
export async function workerAt(client: Client, accountId: string, host: string) {
  const path = `/accounts/${accountId}/workers/domains?hostname=${encodeURIComponent(host)}`;
  const domains = must(await client.get(path, z.array(Domain)), 'list the custom domains');
  return domains.find(({ hostname }) => hostname === host)?.service ?? null;
}

/** The Worker whose Workflow has this name; null where there is none. */
export async function workflowOwner(client: Client, accountId: string, name: string) {
  const read = await client.get(`/accounts/${accountId}/workflows/${name}`, Workflow);
  return orNone(read, 'look for the Workflow')?.script_name ?? null;
}

export async function removeWorkflow(client: Client, accountId: string, name: string) {
  const path = `/accounts/${accountId}/workflows/${name}`;
  must(await client.send('DELETE', path, undefined, Nothing), 'remove the Workflow');
}

/** Containers run for it no more, its objects and all they hold are gone. */
export async function removeWorker(client: Client, accountId: string, name: string) {
  const path = `/accounts/${accountId}/workers/scripts/${name}?force=true`;
  must(await client.send('DELETE', path, undefined, Nothing), 'remove the Worker');
}
