import type { Author } from '../protocol/author.ts';
import { WORKER_IDENTITY } from '../protocol/push-evidence.ts';
import type { Git } from './git.ts';

/** In whose name the task's commits are made, and who is credited with them; null for Mainloop's own, and for nobody. */
export type Signing = { author: Author | null; asker: Author | null };

const PERSON = /^(?<role>author|committer) .* <(?<email>[^>]*)> (?<when>\d+ [+-]\d{4})$/;

/** A commit in its raw form, header and message apart. */
function parts(raw: string): { header: string[]; message: string } {
  const end = raw.indexOf('\n\n');
  return { header: raw.slice(0, end).split('\n'), message: raw.slice(end + 2) };
}

/** True where nobody but the sandbox had a hand in it: signed ones and those of other encodings are left alone, too. */
function isWorkers(header: readonly string[]): boolean {
  const emails = header.flatMap((line) => {
    const { role, email } = PERSON.exec(line)?.groups ?? {};
    return role === 'committer' ? [email] : [];
  });
  return (
    emails[0] === WORKER_IDENTITY.email && !header.some((line) => /^(?:gpgsig|encoding)/.test(line))
  );
}

/**
 * Puts names to the task's commits that are not at the host yet: the author's to those that are
 * Mainloop's, and the asker's under each as `Co-authored-by`. Their files, dates and committer stay, by
 * whom a person's commits are told from the worker's. Whatever made them (Claude Code, a script, a
 * rebase), they say the same; done again it changes nothing.
 *
 * @param seen the branch's tip at the host, or null.
 */
export async function sign(
  git: Git,
  { author, asker }: Signing,
  branch: string,
  seen: string | null,
): Promise<void> {
  if (author === null && asker === null) return;
  const known = ['--not', '--remotes=origin', ...(seen === null ? [] : [seen])];
  const list = await git.run(['rev-list', '--topo-order', '--reverse', 'HEAD', ...known]);
  const renamed = new Map<string, string>();
  for (const id of list.split('\n').filter(Boolean)) {
    const { header, message } = parts((await git.bytes(['cat-file', 'commit', id], '')).toString());
    const own = isWorkers(header);
    const lines = header.map((line) => {
      const parent = /^parent (?<id>\w+)$/.exec(line)?.groups?.id;
      if (parent !== undefined) return `parent ${renamed.get(parent) ?? parent}`;
      const { role, email, when } = PERSON.exec(line)?.groups ?? {};
      const isAuthors = own && role === 'author' && email === WORKER_IDENTITY.email;
      return isAuthors && author !== null
        ? `author ${author.name} <${author.email}> ${when}`
        : line;
    });
    const said = own && asker !== null ? await credited(git, message, asker) : message;
    const raw = `${lines.join('\n')}\n\n${said}`;
    if (raw === `${header.join('\n')}\n\n${message}`) continue;
    const made = await git.bytes(['hash-object', '-t', 'commit', '-w', '--stdin'], raw);
    renamed.set(id, made.toString().trim());
  }
  const head = await git.run(['rev-parse', 'HEAD']);
  const signed = renamed.get(head);
  if (signed !== undefined) await git.run(['update-ref', `refs/heads/${branch}`, signed, head]);
}

async function credited(git: Git, message: string, { name, email }: Author): Promise<string> {
  const trailer = `Co-authored-by: ${name} <${email}>`;
  const args = ['interpret-trailers', '--if-exists', 'addIfDifferent', '--trailer', trailer];
  return (await git.bytes(args, message)).toString();
}
