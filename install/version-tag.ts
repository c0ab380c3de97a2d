import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Configuration } from './configuration.ts';
import type { Secrets } from './installation.ts';

/** What the Worker, the web app and the sandbox's image are built from. */
const SOURCES = ['worker', 'protocol', 'web', 'sandbox'];
const FILES = ['package.json', 'package-lock.json', '.dockerignore'];
const LEFT_OUT = /(?:^|\/)(?:dist|node_modules|testing)\/|\.test\.tsx?$|\.tsbuildinfo$/;

/** Files whose content decides what is deployed. */
function sourcesIn(root: string): string[] {
  const found = SOURCES.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .map((file) => file.replaceAll(path.sep, '/'))
      .filter((file) => !LEFT_OUT.test(file)),
  );
  return [...FILES, ...found.toSorted()];
}

/** A hash of all that is built. */
export function hashOfSources(root: string): string {
  const hash = createHash('sha256');
  for (const file of sourcesIn(root)) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * Names what a deployment is made of: sources, configuration and the secrets that are known here. It
 * goes with the version to Cloudflare, so that what runs can be compared with what would be deployed.
 */
export function versionTag(
  sources: string,
  root: string,
  configuration: Configuration,
  secrets: Secrets,
): string {
  const hash = createHash('sha256').update(sources);
  // Where the repository lies is no difference.
  hash.update(JSON.stringify(configuration).replaceAll(root, '.'));
  hash.update(JSON.stringify(Object.entries(secrets).toSorted()));
  return `mainloop-${hash.digest('hex').slice(0, 16)}`;
}
