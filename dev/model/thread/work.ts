import type { Context } from './context.ts';
import { theOne } from './tasks.ts';

export type WorkerModel = 'opus' | 'sonnet' | 'haiku';

/** One piece of work, as `start_task` takes it. */
export type Work = {
  repository: string;
  title: string;
  prompt: string;
  /** Left out when nobody named one. */
  model?: WorkerModel;
  mode: 'plan' | 'direct';
  after?: string;
  priority?: 'high';
};

const VERBS =
  'add|fix|change|write|refactor|implement|make|build|create|update|rename|remove|delete|improve|support|introduce|extract|clean up|migrate|upgrade|bump|document|test|replace|port|simplify|speed up|optimi[sz]e|set up|correct|repair|convert|move|split|show|sort|allow|teach|rework|redesign|translate|investigate|debug|look into|find out';
const POLITE =
  "(?:(?:please|now|then|also|next|ok(?:ay)?|and|so|hey|hi),?\\s+|(?:can|could|would|will) you (?:please )?|i(?:'d| would) like you to |i want you to |i need you to |let'?s |we (?:need|have|should|want) to |you should |go ahead and |start a task to |start to )*";
const REQUEST = new RegExp(`^${POLITE}(?:${VERBS})\\b`, 'i');
const COMPLAINT =
  /\b(?:crash(?:es|ed)?|is broken|does ?n[o']?t work|fails? (?:when|if|with)|there(?:'s| is) a bug|should (?:have|be able|accept|print|say|show|support)|needs? an?|is missing an?)\b/i;
/** Announces a list of work and is none itself: "Please do these:". */
const PREFACE =
  /^[^:\n]{0,60}\b(?:these|following|things|changes|tasks|points|three|two)\b[^:\n]{0,30}:\s*/i;
/** Where one piece of work ends and the next begins: a list's next item, or a new imperative. */
const BOUNDARY = new RegExp(
  `(?:^|\\n)\\s*(?:[-*]|\\d+[.)])\\s+|[.;!]\\s+(?=${POLITE}(?:${VERBS})\\b)|\\n\\s*(?=${POLITE}(?:${VERBS})\\b)|,\\s+(?=(?:and\\s+|then\\s+|also\\s+)*(?:${VERBS})\\b)|\\s+(?:and|then|plus)\\s+(?=(?:then |also |please )*(?:${VERBS})\\b)`,
  'i',
);
/** Belongs to the piece before it: its tests, its documentation, or a word for it. */
const PART_OF_IT =
  /^(?:and |then |also |please )*(?:\w+ ){1,2}?(?:(?:a |an |the |some |its )?(?:\w+ )?(?:tests?|docs?|documentation|readme|changelog)\b|(?:it|them|that|this)\b)|\b(?:for|to|of|in|with) (?:it|them|that|this)\b/i;
const MODEL =
  /[,.;]?\s*(?:\band\s+)?\(?\b(?:use|using|with|on|via|by|let|take)\s+(?:claude[ -]?)?(haiku|sonnet|opus)(?: \d[\d.]*)?\b(?:\s+(?:do it|to\b|for (?:this|that|it|both|all|these|them|each|the)(?:\s+(?:one|of (?:them|these)|task|tasks|two|three|job))?|please|here))*\)?/i;
const FOR_ALL = /\b(?:for|on) (?:both|all|these|them|each)\b/i;
const PLAN_FIRST =
  /[,.;]?\s*(?:\b(?:but|and)\s+)?(?:please\s+)?\b(?:plan (?:it |this |that )?first|make a plan first|with a plan first)\b/i;
/** "after the export task": what has to be done before. */
const AFTER =
  /[\s,;]*\b(?:once|after|when) (?:the )?(.+?) (?:task|one)(?: is (?:done|finished|ready))?(?=[\s.,;!]|$)/i;
const URGENT = /[\s,;]*\b(?:it is |it's |that is )?(?:urgent(?:ly)?|first of all)\b/i;
const JUST_DO_IT =
  /[,.;]?\s*(?:\b(?:but|and)\s+)?(?:please\s+)?\b(?:just do it|without a plan|no plan)\b/i;
/** Work that is large, or leaves much to be decided. */
const LARGE =
  /\b(?:refactor|rewrite|redesign|rework|migrate|port|export|architecture|all (?:the )?files|whole)\b/i;
const NAMED = /(?:^|[\s(`"'])([a-z0-9][\w.-]*\/[a-z0-9][\w.-]*)(?=$|[\s)`"',.:;!?])/gi;
const FILE =
  /\.(?:js|ts|tsx|jsx|mjs|md|json|css|html|py|go|rs|toml|ya?ml|sh|txt)$|^(?:src|test|tests|lib|docs|bin|theme|content|and|or)\//i;
const MAX_TITLE = 60;
const USUAL_REPOSITORY = 'acme/todo';
/** What the local git host has, for a prompt that lists no repositories (yet). */
const DEMO_REPOSITORIES: Context['repositories'] = [
  { name: USUAL_REPOSITORY, description: '', usual: null },
  { name: 'acme/site', description: '', usual: null },
];

/** True when the person asks for something to be made or mended, or tells what is wrong with it. */
export function isWork(message: string): boolean {
  const words = message.replace(MODEL, '').trim();
  const lines = words.split(/\n+/).map((line) => line.trim().replace(/^(?:[-*]|\d+[.)])\s+/, ''));
  if (lines.some((line) => REQUEST.test(line))) return true;
  const sentences = words.split(/(?<=[.!?:])\s+|,\s+/);
  if (sentences.some((one) => REQUEST.test(one.trim()) && !one.trim().endsWith('?'))) return true;
  return COMPLAINT.test(words) && !/\?\s*$/.test(words);
}

function repositoryOf(piece: string, whole: string, context: Context): string {
  const repositories = context.repositories.length > 0 ? context.repositories : DEMO_REPOSITORIES;
  for (const text of [piece, whole]) {
    const named = [...text.matchAll(NAMED)].map((match) => match[1] ?? '');
    const known = named.find((name) => repositories.some((one) => one.name === name));
    const other = named.find((name) => !FILE.test(name));
    if (known !== undefined || other !== undefined) return known ?? other ?? '';
    const short = repositories.find(({ name }) => {
      const [, last = name] = name.split('/');
      return new RegExp(`\\b(?:in|to|for|of|on) (?:the |our |my )?${escaped(last)}\\b`, 'i').test(
        text,
      );
    });
    if (short !== undefined) return short.name;
  }
  return bestFit(piece, repositories) ?? USUAL_REPOSITORY;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Words that go together although they are not the same. */
const KIN: readonly RegExp[] = [
  /\b(?:site|website|web|pages?|html|css|styles?|theme|dark|blog|feed|rss|navigation|footer|header|layout|markdown)\b/gi,
  /\b(?:todos?|to-dos?|list|cli|command[- ]line|commands?|flags?|done|due|remove|json)\b/gi,
];

function bestFit(piece: string, repositories: Context['repositories']): string | null {
  const [first] = repositories;
  if (first === undefined) return null;
  const score = ({ name, description }: { name: string; description: string }) => {
    const about = `${name.replace('/', ' ')} ${description}`;
    return KIN.reduce((sum, kin) => {
      const here = piece.match(kin)?.length ?? 0;
      return sum + (here > 0 && about.match(kin) !== null ? here : 0);
    }, 0);
  };
  const ranked = repositories
    .map((one) => ({ name: one.name, score: score(one) }))
    .toSorted((one, other) => other.score - one.score);
  if ((ranked[0]?.score ?? 0) > 0) return ranked[0]?.name ?? null;
  return repositories.find(({ name }) => name === USUAL_REPOSITORY)?.name ?? first.name;
}

/** The piece without courtesies, model and repository: what is to be done. */
function bare(piece: string): string {
  return piece
    .replace(MODEL, '')
    .replace(PLAN_FIRST, '')
    .replace(JUST_DO_IT, '')
    .replace(AFTER, '')
    .replace(URGENT, '')
    .replace(
      /\s*,?\s*\b(?:in|to|for|on) (?:the )?(?:repo(?:sitory)? )?[\w.-]+\/[\w.-]+(?: repo(?:sitory)?)?(?=[\s,.!?]|$)/gi,
      (match) => (FILE.test(match.trim().split(' ').at(-1) ?? '') ? match : ''),
    )
    .trim()
    .replace(new RegExp(`^${POLITE}`, 'i'), '')
    .replace(/^(?:[-*]|\d+[.)])\s+/, '')
    .replace(/[\s,;:.!?]+$/, '')
    .trim();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function titleOf(what: string): string {
  const [line = what] = what.split(/\n|\. (?=[A-Z])/);
  if (line.length <= MAX_TITLE) return capital(line);
  return `${capital(line.slice(0, MAX_TITLE).replace(/\s+\S*$/, ''))} …`;
}

/** The person's own word on it, or what the work's size asks for. */
function modeOf(piece: string, words: string, usual: Work['mode'] | null): Work['mode'] {
  if (PLAN_FIRST.test(words)) return 'plan';
  if (JUST_DO_IT.test(words)) return 'direct';
  return usual ?? (LARGE.test(piece) ? 'plan' : 'direct');
}

function modelOf(text: string): WorkerModel | undefined {
  const name = MODEL.exec(text)?.[1]?.toLowerCase();
  return name === 'haiku' || name === 'sonnet' || name === 'opus' ? name : undefined;
}

/** The message in its pieces of work. What only belongs to a piece stays with it. */
function piecesOf(words: string): string[] {
  const pieces: string[] = [];
  for (const part of words.replace(PREFACE, '').split(BOUNDARY)) {
    const piece = part.trim();
    if (piece === '') continue;
    const last = pieces.at(-1);
    const alone = isWork(piece) && !PART_OF_IT.test(piece.replace(MODEL, ''));
    if (last === undefined || (alone && isWork(last))) pieces.push(piece);
    else pieces[pieces.length - 1] = `${last.replace(/[.:;,]+$/, '')}. ${capital(piece)}`;
  }
  return pieces;
}

/** Every piece of work that the person asks for in one message. */
export function worksOf(words: string, context: Context): Work[] {
  const pieces = piecesOf(words);
  const clause = MODEL.exec(words)?.[0] ?? '';
  return pieces.map((piece) => {
    const what = capital(bare(piece) || piece);
    const forAll = FOR_ALL.test(clause) || pieces.length === 1;
    const model = forAll ? modelOf(words) : modelOf(piece);
    const repository = repositoryOf(piece, pieces.length === 1 ? words : piece, context);
    const known = context.repositories.find(({ name }) => name === repository);
    const [, named] = AFTER.exec(piece) ?? [];
    const after = named === undefined ? null : theOne(named, context.openTasks);
    return {
      repository,
      title: titleOf(what),
      prompt: `${what}.\n\nKeep to the conventions of ${repository}, cover the change by tests, run all of them, and commit.`,
      mode: modeOf(piece, words, known?.usual ?? null),
      ...(after !== null && { after: after.id }),
      ...(URGENT.test(piece) && { priority: 'high' as const }),
      ...(model !== undefined && { model }),
    };
  });
}
