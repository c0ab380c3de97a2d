import path from 'node:path';
import { parse } from 'smol-toml';
import * as z from 'zod/mini';
import { namesOf } from './names.ts';
import { Stop } from './stop.ts';

const Image = z.looseObject({
  dockerfile: z.optional(z.string()),
  build_context: z.optional(z.string()),
});
/** What of wrangler.toml an installation changes; all else passes as it is. */
const Configuration = z.looseObject({
  name: z.string(),
  main: z.string(),
  assets: z.looseObject({ directory: z.string() }),
  vars: z.record(z.string(), z.string()),
  queues: z.object({
    producers: z.array(z.looseObject({ binding: z.string(), queue: z.string() })),
    consumers: z.array(
      z.looseObject({ queue: z.string(), dead_letter_queue: z.optional(z.string()) }),
    ),
  }),
  workflows: z.array(z.looseObject({ name: z.string() })),
  r2_buckets: z.array(z.looseObject({ binding: z.string(), bucket_name: z.string() })),
  hyperdrive: z.optional(z.array(z.looseObject({ binding: z.string(), id: z.string() }))),
  containers: z.array(z.looseObject({ images: z.record(z.string(), Image) })),
});
export type Configuration = z.infer<typeof Configuration>;

/** wrangler.toml as it is in the repository. */
export function readConfiguration(toml: string): Configuration {
  const read = Configuration.safeParse(parse(toml));
  if (read.success) return read.data;
  throw new Stop(`wrangler.toml is not as setup knows it: ${read.error.message}`);
}

export type Place = {
  name: string;
  accountId: string;
  host: string;
  access: { team: string; aud: string };
  /** In place of those of wrangler.toml. */
  vars: Record<string, string>;
  /** Null where the Worker reaches Neon by itself. */
  hyperdriveId: string | null;
};

/**
 * The configuration for one installation: the repository's own with the names, ids and variables of the
 * place. Paths become absolute, since wrangler takes them from where the file lies.
 */
export function configurationFor(
  base: Configuration,
  root: string,
  { name, accountId, host, access, vars, hyperdriveId }: Place,
): Configuration {
  const from = namesOf(base.name);
  const to = namesOf(name);
  const renamed = new Map([
    [from.queue, to.queue],
    [from.deadLetters, to.deadLetters],
    [from.bucket, to.bucket],
    [from.workflow, to.workflow],
  ]);
  const called = (old: string) => {
    const next = renamed.get(old);
    if (next === undefined)
      throw new Stop(`wrangler.toml names ${old}, which setup does not know.`);
    return next;
  };
  const absolute = (file: string) => path.resolve(root, file);
  const { hyperdrive: _, dev: __, ...rest } = base;
  return {
    ...rest,
    name: to.worker,
    account_id: accountId,
    main: absolute(base.main),
    routes: [{ pattern: host, custom_domain: true }],
    workers_dev: false,
    preview_urls: false,
    assets: { ...base.assets, directory: absolute(base.assets.directory) },
    vars: {
      ...base.vars,
      ...vars,
      ACCESS_TEAM_DOMAIN: access.team,
      ACCESS_AUD: access.aud,
    },
    queues: {
      producers: base.queues.producers.map((one) => ({ ...one, queue: called(one.queue) })),
      consumers: base.queues.consumers.map((one) => ({
        ...one,
        queue: called(one.queue),
        ...(one.dead_letter_queue !== undefined && {
          dead_letter_queue: called(one.dead_letter_queue),
        }),
      })),
    },
    workflows: base.workflows.map((one) => ({ ...one, name: called(one.name) })),
    r2_buckets: base.r2_buckets.map((one) => ({ ...one, bucket_name: called(one.bucket_name) })),
    ...(hyperdriveId !== null && { hyperdrive: [{ binding: 'HYPERDRIVE', id: hyperdriveId }] }),
    containers: base.containers.map((one) => ({
      ...one,
      images: Object.fromEntries(
        Object.entries(one.images).map(([key, image]) => [
          key,
          {
            ...image,
            ...(image.dockerfile !== undefined && { dockerfile: absolute(image.dockerfile) }),
            ...(image.build_context !== undefined && {
              build_context: absolute(image.build_context),
            }),
          },
        ]),
      ),
    })),
  };
}
