import type { Facts } from './facts.ts';
import type { Stage, Work } from './order.ts';
import type { Change } from './patch.ts';

/** What comes of one remark of the person. */
export type Heed = {
  remark: string;
  /** Said to it, once. */
  answer: string;
  /** What it adds to the work: a line in a file for people, as that file is now. */
  stages: Stage[];
  /** True where it is beyond this model; it is said in the pull request, too. */
  isPassedOn: boolean;
};

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

/** What a remark means for the work at hand. */
export function heed(remark: string, work: Work, { files }: Facts): Heed {
  const place = PLACES.find(({ named }) => named.test(remark));
  const words = wordsFor(remark);
  // What the job itself does.
  const isChoice = work.choices.some((one) => new RegExp(one.words, 'i').test(remark));
  if (isChoice && (place === undefined || words === null)) {
    return { remark, answer: 'That is part of the work now.', stages: [], isPassedOn: false };
  }
  if (place === undefined) {
    const answer = 'The offline model cannot do that by itself; the pull request will say so.';
    return { remark, answer, stages: [], isPassedOn: true };
  }
  const { path, heading } = place;
  const change = lineUnder(files.get(path) ?? null, path, heading, `- ${words ?? work.headline}`);
  const say = `As you asked: a line in ${path}.`;
  const stages: Stage[] = [{ is: 'change', change, say }];
  return { remark, answer: `That goes into ${path}.`, stages, isPassedOn: false };
}
