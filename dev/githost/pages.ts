import * as z from 'zod/mini';
import { gitLines, gitText } from './git.ts';
import type { ApiCall } from './mirror.ts';

const PullRequest = z.object({
  number: z.int(),
  title: z.string(),
  body: z.nullable(z.string()),
  state: z.string(),
  draft: z.optional(z.boolean()),
  merged: z.optional(z.boolean()),
  merge_commit_sha: z.nullish(z.string()),
  head: z.object({ ref: z.string(), sha: z.string() }),
  base: z.object({ ref: z.string() }),
  user: z.nullable(z.object({ login: z.string() })),
});

const CheckRuns = z.object({
  check_runs: z.array(
    z.object({ name: z.string(), status: z.string(), conclusion: z.nullable(z.string()) }),
  ),
});
const Comments = z.array(
  z.object({
    body: z.string(),
    path: z.nullish(z.string()),
    user: z.nullable(z.object({ login: z.string() })),
  }),
);

const STYLE = `
:root{color-scheme:light dark;--line:light-dark(#d8dee4,#30363d);--soft:light-dark(#57606a,#8b949e);--back:light-dark(#f6f8fa,#161b22)}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.25rem;background:light-dark(#fff,#0d1117);color:light-dark(#1f2328,#e6edf3)}
h1{font-size:1.4rem;margin:.2rem 0}a{color:light-dark(#0969da,#4493f8)}small,.soft{color:var(--soft)}
.state{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:.1rem .7rem;font-weight:600}
pre{overflow-x:auto;margin:0;font:12.5px/1.45 ui-monospace,monospace}section{border:1px solid var(--line);border-radius:8px;margin:1rem 0;overflow:hidden}
section>h2{font:600 13px ui-monospace,monospace;margin:0;padding:.5rem .8rem;background:var(--back);border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.body{padding:.8rem;white-space:pre-wrap;overflow-wrap:anywhere}pre>div{padding:0 .8rem;min-height:1.45em;white-space:pre}
.add{background:light-dark(#dafbe1,#12361f)}.del{background:light-dark(#ffebe9,#421719)}.hunk{color:var(--soft)}`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style><body>${body}</body></html>`;
}

function lineClass(line: string): string {
  if (line.startsWith('+')) return ' class="add"';
  if (line.startsWith('-')) return ' class="del"';
  return line.startsWith('@@') ? ' class="hunk"' : '';
}

/** A unified diff as one section a file. */
function diffHtml(diff: string): string {
  return diff
    .split(/^(?=diff --git )/m)
    .filter(Boolean)
    .map((file) => {
      const lines = file.trimEnd().split('\n');
      const name = / b\/(?<name>.+)$/.exec(lines[0] ?? '')?.groups?.name ?? '';
      const from = lines.findIndex((line) => line.startsWith('@@'));
      const shown = from === -1 ? [] : lines.slice(from);
      const rows = shown.map((line) => `<div${lineClass(line)}>${escapeHtml(line)}</div>`).join('');
      return `<section><h2>${escapeHtml(name)}</h2><pre>${rows}</pre></section>`;
    })
    .join('');
}

/** Its checks and what was said about it. */
async function talkHtml(
  fullName: string,
  number: number,
  head: string,
  call: ApiCall,
): Promise<string> {
  const [checks, inline, plain] = await Promise.all([
    call('GET', `/repos/${fullName}/commits/${head}/check-runs`),
    call('GET', `/repos/${fullName}/pulls/${number}/comments`),
    call('GET', `/repos/${fullName}/issues/${number}/comments`),
  ]);
  const runs = CheckRuns.safeParse(checks.json).data?.check_runs ?? [];
  const comments = [inline, plain].flatMap(({ json }) => Comments.safeParse(json).data ?? []);
  const section = (name: string, lines: string[]) =>
    lines.length === 0
      ? ''
      : `<section><h2>${name}</h2><div class="body">${lines.map(escapeHtml).join('\n')}</div></section>`;
  return (
    section(
      'Checks',
      runs.map(({ name, status, conclusion }) => `${name}: ${conclusion ?? status}`),
    ) +
    section(
      'Comments',
      comments.map(({ user, path, body }) => {
        const where = path ? ` on ${path}` : '';
        return `${user?.login ?? ''}${where}: ${body.replace(/<!--[\s\S]*?-->/g, '').trim()}`;
      }),
    )
  );
}

/** The page of one pull request, from the API's state and git's own diff; null when there is none. */
export async function pullRequestPage(
  repository: string,
  fullName: string,
  number: number,
  call: ApiCall,
): Promise<string | null> {
  const answer = await call('GET', `/repos/${fullName}/pulls/${number}`);
  const parsed = PullRequest.safeParse(answer.json);
  if (!parsed.success) return null;
  const {
    title,
    body,
    state,
    draft,
    merged,
    merge_commit_sha: merge,
    head,
    base,
    user,
  } = parsed.data;
  // Once merged, the base holds it all: what it brought is seen from the commit before.
  const from = merged && merge ? `${merge}^1` : base.ref;
  const range = `${from}...${head.sha}`;
  const [diff, commits] = await Promise.all([
    gitText(repository, ['diff', '--no-color', '--no-ext-diff', range, '--']),
    gitLines(repository, ['log', '--format=%h %s', `${from}..${head.sha}`, '--']),
  ]);
  const talk = await talkHtml(fullName, number, head.sha, call);
  const word = merged ? 'Merged' : state === 'closed' ? 'Closed' : draft ? 'Draft' : 'Open';
  const shown = (body ?? '').replace(/<!--[\s\S]*?-->/g, '').trim();
  return page(
    `${title} #${number}`,
    `<small><a href="/${escapeHtml(fullName)}">${escapeHtml(fullName)}</a></small>
<h1>${escapeHtml(title)} <span class="soft">#${number}</span></h1>
<p><span class="state">${word}</span> <span class="soft">${escapeHtml(user?.login ?? '')} wants to merge <code>${escapeHtml(head.ref)}</code> into <code>${escapeHtml(base.ref)}</code></span></p>
<section><h2>Description</h2><div class="body">${escapeHtml(shown)}</div></section>
<section><h2>Commits</h2><div class="body">${commits.map(escapeHtml).join('\n')}</div></section>
${talk}
${diffHtml(diff)}`,
  );
}

/** The page of one repository: its branches, its pull requests, its README. */
export async function repositoryPage(
  repository: string,
  fullName: string,
  call: ApiCall,
): Promise<string> {
  const [heads, readme, pulls] = await Promise.all([
    gitLines(repository, ['for-each-ref', '--format=%(refname:short)', 'refs/heads']),
    gitText(repository, ['show', 'HEAD:README.md']).catch(() => ''),
    call('GET', `/repos/${fullName}/pulls?state=all&per_page=100`),
  ]);
  const list = z.array(PullRequest).safeParse(pulls.json);
  const rows = (list.success ? list.data : [])
    .map(
      ({ number, title }) =>
        `<li><a href="/${escapeHtml(fullName)}/pull/${number}">#${number} ${escapeHtml(title)}</a></li>`,
    )
    .join('');
  return page(
    fullName,
    `<h1>${escapeHtml(fullName)}</h1>
<section><h2>Pull requests</h2><div class="body">${rows === '' ? 'None yet.' : `<ul>${rows}</ul>`}</div></section>
<section><h2>Branches</h2><div class="body">${heads.map(escapeHtml).join('\n')}</div></section>
<section><h2>README.md</h2><div class="body">${escapeHtml(readme)}</div></section>`,
  );
}
