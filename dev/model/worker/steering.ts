import type { Job } from './job.ts';
import { isChoice } from './order.ts';
import type { Change } from './patch.ts';
import { ANSWER_MARK } from './transcript.ts';

/** What comes of one remark of the person. */
export type Heed = { remark: string } &
  /** The job's own steps carry it out. */
  (
    | { is: 'in the work' }
    /** A line in a file for people. */
    | { is: 'line'; path: string; change: (text: string | null) => Change }
    /** Beyond this model; it is said in the pull request. */
    | { is: 'passed on' }
  );

const PLACES = [
  { path: 'CHANGELOG.md', named: /\bchange\s?log\b/i, heading: '## Unreleased' },
  { path: 'README.md', named: /\breadme\b/i, heading: '## Good to know' },
];

/** The person's own words for the line, where they gave them: in quotes, or after "that". */
function wordsFor(remark: string): string | null {
  const quoted = /["“]([^"”]{3,})["”]/.exec(remark)?.[1];
  const told = /\b(?:readme|change\s?log)\b[^.]*?\bthat\s+(.{3,})/i.exec(remark)?.[1];
  const words = (quoted ?? told)?.trim().replace(/[.!]*$/, '.');
  return words === undefined ? null : words.charAt(0).toUpperCase() + words.slice(1);
}

/** A line under its heading, which comes before the file's first other one where it is not there yet. */
function lineUnder(text: string | null, path: string, heading: string, line: string): Change {
  const change = { path, creates: text === null, old: [], before: [], after: [] };
  if (text?.split('\n').includes(heading) === true) {
    return { ...change, before: [heading, ''], new: [line] };
  }
  const after = /^## .*$/m.exec(text ?? '') ?? [];
  return { ...change, after: [...after], new: [heading, '', line, ...after.map(() => '')] };
}

/** What a remark means for the job at hand; `headline` is the line where the person gave no words for it. */
export function heed(remark: string, job: Job, headline: string): Heed {
  const place = PLACES.find(({ named }) => named.test(remark));
  const words = wordsFor(remark);
  if (isChoice(job, remark) && (place === undefined || words === null)) {
    return { remark, is: 'in the work' };
  }
  if (place === undefined) return { remark, is: 'passed on' };
  const { path, heading } = place;
  const line = `- ${words ?? headline}`;
  return { remark, is: 'line', path, change: (text) => lineUnder(text, path, heading, line) };
}

/** The answer to a remark that was not answered yet, said before the next step. */
export function acknowledge(heeded: Heed): string {
  const { remark } = heeded;
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
