import { type Edit, PRESENT, atEnd, before, swap } from './edits.ts';
import type { Change, Job, Order } from './job.ts';
import { ANSWER_MARK } from './transcript.ts';

/** What comes of one remark of the person. */
export type Heed =
  /** The job's own stages carry it out. */
  | { is: 'in the work' }
  | { is: 'extra'; change: Change }
  /** Beyond this model; it is said in the pull request. */
  | { is: 'passed on' };

const PLACES = [
  { path: 'CHANGELOG.md', named: /\bchange\s?log\b/i },
  { path: 'README.md', named: /\breadme\b/i },
];

/** The person's own words for the line, where they gave them: in quotes, or after "that". */
function wordsFor(remark: string): string | null {
  const quoted = /["“]([^"”]{3,})["”]/.exec(remark)?.[1];
  const told = /\b(?:readme|change\s?log)\b[^.]*?\bthat\s+(.{3,})/i.exec(remark)?.[1];
  const words = (quoted ?? told)?.trim().replace(/[.!]*$/, '.');
  return words === undefined ? null : words.charAt(0).toUpperCase() + words.slice(1);
}

function intoReadme(text: string | null, line: string): Edit {
  if (text === null) return { is: 'create', content: `# Good to know\n\n- ${line}\n` };
  if (text.includes(line)) return PRESENT;
  if (text.includes('## Good to know\n')) {
    return swap(text, /^## Good to know\n\n/m, (match) => `${match[0]}- ${line}\n`);
  }
  const section = `## Good to know\n\n- ${line}\n`;
  return text.includes('\n## Development\n')
    ? before(text, /^## Development$/m, `${section}\n`)
    : atEnd(text, `\n${section}`);
}

function intoChangelog(text: string | null, line: string): Edit {
  const section = `## Unreleased\n\n- ${line}\n`;
  if (text === null) return { is: 'create', content: `# Changelog\n\n${section}` };
  if (text.includes(line)) return PRESENT;
  return /^## Unreleased\n\n/m.test(text)
    ? swap(text, /^## Unreleased\n\n/m, (match) => `${match[0]}- ${line}\n`)
    : swap(text, /^# .*\n\n?/m, (match) => `${match[0]}${section}\n`);
}

/** What a remark means for the job at hand. */
export function heed(remark: string, job: Job, order: Order): Heed {
  const place = PLACES.find(({ named }) => named.test(remark));
  const words = wordsFor(remark);
  if (place === undefined || (words === null && job.carriesOut(remark))) {
    return job.carriesOut(remark) ? { is: 'in the work' } : { is: 'passed on' };
  }
  const line = words ?? job.headline(order);
  const put = place.path === 'CHANGELOG.md' ? intoChangelog : intoReadme;
  return {
    is: 'extra',
    change: {
      is: 'change',
      path: place.path,
      say: `As you asked: a line in ${place.path}.`,
      edit: (text) => put(text, line),
    },
  };
}

/** The answer to a remark that was not answered yet, said before the next step. */
export function acknowledge(remark: string, heeded: Heed): string {
  const quote = `“${remark.length <= 120 ? remark : `${remark.slice(0, 120)} …`}”`;
  switch (heeded.is) {
    case 'in the work':
      return `${ANSWER_MARK}${quote}. That is part of the work now.`;
    case 'extra':
      return `${ANSWER_MARK}${quote}. That goes into ${heeded.change.path}.`;
    case 'passed on':
      return `${ANSWER_MARK}${quote}. The offline model cannot do that by itself; the pull request will say so.`;
  }
}
