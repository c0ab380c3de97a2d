import { type Job, isChoice } from './job.ts';
import type { Change } from './patch.ts';
import { ANSWER_MARK } from './transcript.ts';

/** What comes of one remark of the person. */
export type Heed =
  /** The job's own steps carry it out. */
  | { is: 'in the work' }
  /** A line in a file for people. */
  | { is: 'line'; path: string; change: (text: string | null) => Change }
  /** Beyond this model; it is said in the pull request. */
  | { is: 'passed on' };

const PLACES = [
  {
    path: 'CHANGELOG.md',
    named: /\bchange\s?log\b/i,
    top: '# Changelog',
    heading: '## Unreleased',
  },
  { path: 'README.md', named: /\breadme\b/i, top: '# About', heading: '## Good to know' },
];

/** The person's own words for the line, where they gave them: in quotes, or after "that". */
function wordsFor(remark: string): string | null {
  const quoted = /["“]([^"”]{3,})["”]/.exec(remark)?.[1];
  const told = /\b(?:readme|change\s?log)\b[^.]*?\bthat\s+(.{3,})/i.exec(remark)?.[1];
  const words = (quoted ?? told)?.trim().replace(/[.!]*$/, '.');
  return words === undefined ? null : words.charAt(0).toUpperCase() + words.slice(1);
}

/** Under its heading, which comes before the first other one where it is not there yet. */
function lineUnder(
  text: string | null,
  { path, top, heading }: (typeof PLACES)[number],
  line: string,
): Change {
  const change = { path, creates: false, old: [], before: [], after: [] };
  if (text === null) return { ...change, creates: true, new: [top, '', heading, '', `- ${line}`] };
  if (text.split('\n').includes(heading))
    return { ...change, before: [heading, ''], new: [`- ${line}`] };
  const after = /^## .*$/m.exec(text)?.[0];
  const section = [heading, '', `- ${line}`];
  return after === undefined
    ? { ...change, before: text.trimEnd().split('\n').slice(-3), new: ['', ...section] }
    : { ...change, after: [after], new: [...section, ''] };
}

/** What a remark means for the job at hand; `headline` is the line where the person gave no words for it. */
export function heed(remark: string, job: Job, headline: string): Heed {
  const place = PLACES.find(({ named }) => named.test(remark));
  const words = wordsFor(remark);
  if (isChoice(job, remark) && (place === undefined || words === null))
    return { is: 'in the work' };
  if (place === undefined) return { is: 'passed on' };
  const line = words ?? headline;
  return { is: 'line', path: place.path, change: (text) => lineUnder(text, place, line) };
}

/** The answer to a remark that was not answered yet, said before the next step. */
export function acknowledge(remark: string, heeded: Heed): string {
  const quote = `${ANSWER_MARK}“${remark.length <= 120 ? remark : `${remark.slice(0, 120)} …`}”`;
  switch (heeded.is) {
    case 'in the work':
      return `${quote}. That is part of the work now.`;
    case 'line':
      return `${quote}. That goes into ${heeded.path}.`;
    case 'passed on':
      return `${quote}. The offline model cannot do that by itself; the pull request will say so.`;
  }
}
