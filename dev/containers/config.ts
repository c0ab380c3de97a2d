/** What of the configuration names a file, beside the key under which it does. */
const PATHS = /^(main|directory) = "([^"]+)"$|\b(dockerfile|build_context) = "([^"]+)"/gm;
const OFF = 'enable_containers = false';

/**
 * The project's wrangler.toml with containers switched on, to be read from another folder: wrangler
 * has no flag for it, and takes paths from where the file lies.
 */
export function withContainers(toml: string, root: string): string {
  if (!toml.includes(OFF)) throw new Error(`wrangler.toml does not say \`${OFF}\`.`);
  return toml
    .replace(OFF, 'enable_containers = true')
    .replace(PATHS, (_, key, file, otherKey, otherFile) => {
      const relative = String(file ?? otherFile).replace(/^\.\/?/, '');
      return `${key ?? otherKey} = "${root}${relative === '' ? '' : `/${relative}`}"`;
    });
}
