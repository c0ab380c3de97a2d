/** What the system prompt of the main thread tells, as far as it is there. */
export type Context = {
  repositories: { name: string; description: string }[];
  openTasks: OpenTask[];
  /** The rolling summary; empty when there is none. */
  summary: string;
};

export type OpenTask = { id: string; title: string; status: string; repository: string };

const REPOSITORY = /^- (\S+\/\S+?)(?: \(default branch [^)]*\))?(?::\s*(.*))?$/;
const TASK = /^- (\S+) (.+) \[([^\]]+)\](?: (\S+))?$/;

/** The lines after a heading that ends with a colon, up to an empty line or the next heading. */
function linesUnder(system: string, heading: RegExp): string[] {
  const lines = system.split('\n');
  const start = lines.findIndex((line) => heading.test(line));
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line, index) => index > 0 && !line.startsWith('- '));
  return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.trim());
}

export function readContext(system: string): Context {
  const repositories = linesUnder(system, /^Repositories\b.*:\s*$/).flatMap((line) => {
    const found = REPOSITORY.exec(line);
    return found?.[1] === undefined ? [] : [{ name: found[1], description: found[2] ?? '' }];
  });
  const openTasks = linesUnder(system, /^Open tasks\b.*:\s*$/).flatMap((line) => {
    const [, id, title, status, repository] = TASK.exec(line) ?? [];
    if (id === undefined || title === undefined || status === undefined) return [];
    return [{ id, title, status, repository: repository ?? '' }];
  });
  const summary = /^Summary of the conversation so far:\s*\n([\s\S]*)$/m.exec(system)?.[1] ?? '';
  return {
    repositories,
    openTasks,
    // What follows the summary under a heading of its own is no part of it.
    summary: (summary.split(/\n\n(?=[A-Z][^\n]{0,60}:\s*\n)/)[0] ?? '').trim(),
  };
}
