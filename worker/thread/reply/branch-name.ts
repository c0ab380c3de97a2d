const SLUG_MAX_CHARS = 40;

/** The task's own branch: readable, and unique by the end of its id. */
export function branchName(title: string, taskId: string): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, SLUG_MAX_CHARS)
    .replace(/-+$/, '');
  return `mainloop/${slug || 'task'}-${taskId.slice(-6).toLowerCase()}`;
}
