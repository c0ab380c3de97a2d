import * as z from 'zod/mini';

/** Name of an installation: its Worker is called so, and all else begins with it. */
export const InstallationName = z
  .string()
  .check(z.regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'lower-case letters, digits and hyphens'));

export type Names = {
  worker: string;
  /** Queue of tasks to be begun, and that of those that could not be. */
  queue: string;
  deadLetters: string;
  bucket: string;
  hyperdrive: string;
  workflow: string;
  /** Names of the two Access applications: the product, and the one path that is open. */
  access: string;
  webhooks: string;
};

/** What the parts of an installation are called at Cloudflare; by these names they are found again. */
export function namesOf(name: string): Names {
  return {
    worker: name,
    queue: `${name}-dispatch`,
    deadLetters: `${name}-dispatch-dead`,
    bucket: `${name}-checkpoints`,
    hyperdrive: name,
    workflow: `${name}-task`,
    access: `Mainloop (${name})`,
    webhooks: `Mainloop (${name}): webhooks`,
  };
}

/** How a folder remembers that the Worker is its own: it deployed it, or took it over when told to. */
export const workerMade = (name: string) => `worker:${name}`;

/** The same for an Access application. */
export const accessMade = (domain: string) => `access:${domain}`;

/** The one path that must be reached without signing in. What comes there is believed by its signature only. */
export const WEBHOOK_PATH = '/webhooks/github';
