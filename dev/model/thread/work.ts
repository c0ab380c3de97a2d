import { WorkerModel } from '../../../protocol/model.ts';
import type { Context } from './context.ts';
import { theOne } from './tasks.ts';
import type { ToolCall } from './tool-use.ts';

/** One piece of work. */
export type Work = Extract<ToolCall, { name: 'start_task' }>['input'];

const VERBS =
  'add|fix|change|write|refactor|implement|make|build|create|update|rename|remove|delete|improve|support|introduce|extract|clean up|migrate|upgrade|bump|document|test|replace|port|simplify|speed up|optimi[sz]e|set up|correct|repair|convert|move|split|show|sort|allow|teach|rework|redesign|translate|investigate|debug|look into|find out';
export const POLITE =
  "(?:(?:please|now|then|also|next|ok(?:ay)?|and|so|hey|hi|oh|actually),?\\s+|(?:can|could|would|will) you (?:please )?|i(?:'d| would) like you to |i want you to |i need you to |let'?s |we (?:need|have|should|want) to |you should |go ahead and |start a task to |start to )*";
const REQUEST = new RegExp(`^${POLITE}(?:${VERBS})\\b`, 'i');
const COMPLAINT =
  /\b(?:crash(?:es|ed)?|is broken|does ?n[o']?t work|fails? (?:when|if|with)|there(?:'s| is) a bug|should (?:have|be able|accept|print|say|show|support)|needs? an?|is missing an?)\b/i;
/** Announces a list of work and is none itself: "Please do these:". */
const PREFACE =
  /^[^:\n]{0,60}\b(?:these|following|things|changes|tasks|points|three|two)\b[^:\n]{0,30}:\s*/i;
/** Where one piece of work ends and the next begins: a list's next item, or a new imperative. */
const BOUNDARY = new RegExp(
  `(?:^|\\n)\\s*(?:[-*]|\\d+[.)])\\s+|(?:[.;!]\\s+|\\n\\s*)(?=${POLITE}(?:${VERBS})\\b)|(?:,|\\s(?:and|then|plus))\\s+(?=(?:and |then |also |please )*(?:${VERBS})\\b)`,
  'i',
);
/** Belongs to the piece before it: its tests, its documentation, or a word for it. */
const PART_OF_IT =
  /^(?:and |then |also |please )*(?:\w+ ){1,2}?(?:(?:a |an |the |some |its )?(?:\w+ )?(?:tests?|docs?|documentation|readme|changelog)\b|(?:it|them|that|this)\b)|\b(?:for|to|of|in|with) (?:it|them|that|this)\b/i;
const MODEL =
  /[,.;]?\s*(?:\band\s+)?\(?\b(?:use|using|with|on|via|by|let|take)\s+(?:claude[ -]?)?(haiku|sonnet|opus)(?: \d[\d.]*)?\b(?:\s+(?:do it|to\b|for (?:this|that|it|both|all|these|them|each|the)(?:\s+(?:one|of (?:them|these)|task|tasks|two|three|job))?|please|here))*\)?/i;
const FOR_ALL = /\b(?:for|on) (?:both|all|these|them|each)\b/i;
const AND_PLEASE = '[,.;]?\\s*(?:\\b(?:but|and)\\s+)?(?:please\\s+)?\\b';
const PLAN_FIRST = new RegExp(
  `${AND_PLEASE}(?:plan (?:it |this |that )?first|make a plan first|with a plan first)\\b`,
  'i',
);
const JUST_DO_IT = new RegExp(`${AND_PLEASE}(?:just do it|without a plan|no plan)\\b`, 'i');
/** "after the export task": what has to be done before. */
const AFTER =
  /[\s,;]*\b(?:once|after|when) (?:the )?(.+?) (?:task|one)(?: is (?:done|finished|ready))?(?=[\s.,;!]|$)/i;
const URGENT = /[\s,;]*\b(?:it is |it's |that is )?(?:urgent(?:ly)?|first of all)\b/i;
/** Work that is large, or leaves much to be decided. */
const LARGE =
  /\b(?:refactor|rewrite|redesign|rework|migrate|port|export|architecture|all (?:the )?files|whole)\b/i;
/** `owner/name`, unless it looks like a file. */
const NAMED =
  /(?<=^|[\s(`"'])(?!(?:src|tests?|lib|docs|bin|theme|content|and|or)\/)(?![^\s]*\.(?:[jt]sx?|mjs|md|json|css|html|py|go|rs|toml|ya?ml|sh|txt)\b)([a-z0-9][\w.-]*\/[a-z0-9][\w-]*(?:\.[\w-]+)*)/i;
const IN_REPOSITORY = new RegExp(
  `\\s*,?\\s*\\b(?:in|to|for|on) (?:the )?(?:repo(?:sitory)? )?${NAMED.source}(?: repo(?:sitory)?)?`,
  'i',
);
const MAX_TITLE_CHARS = 60;
const USUAL_REPOSITORY = 'acme/todo';
/** Tells a website from a program, in what is asked for and in what a repository is about. */
const SITE =
  /\b(?:site|website|web|pages?|html|css|styles?|theme|dark|blog|feed|navigation|footer|header|layout)\b/i;

/** True when the person asks for something to be made or mended, or tells what is wrong with it. */
export function isWork(message: string): boolean {
  const words = message.replace(MODEL, '').trim();
  const parts = words.split(/\n+\s*(?:[-*]|\d+[.)])?|(?<=[.!?:])\s+|,\s+/).map((one) => one.trim());
  if (parts.some((one, at) => REQUEST.test(one) && (at === 0 || !one.endsWith('?')))) return true;
  return COMPLAINT.test(words) && !words.endsWith('?');
}

/** The repository that the words name, or the one that fits them. */
function repositoryOf(texts: readonly string[], known: Context['repositories']): string {
  for (const text of texts) {
    const named = NAMED.exec(text)?.[1];
    const short = known.find(({ name }) => {
      const last = RegExp.escape(name.split('/')[1] ?? name);
      return new RegExp(`\\b(?:in|to|for|of|on) (?:the |our |my )?${last}\\b`, 'i').test(text);
    });
    if (named !== undefined || short !== undefined) return named ?? short?.name ?? '';
  }
  const isSite = SITE.test(texts[0] ?? '');
  const fits = known.find(
    ({ name, description }) => SITE.test(`${name} ${description}`) === isSite,
  );
  return (fits ?? known[0])?.name ?? USUAL_REPOSITORY;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The piece without courtesies, model, mode and repository: what is to be done. */
function bare(piece: string): string {
  const said = [MODEL, PLAN_FIRST, JUST_DO_IT, AFTER, URGENT, IN_REPOSITORY];
  return said
    .reduce((text, pattern) => text.replace(pattern, ''), piece)
    .trim()
    .replace(new RegExp(`^${POLITE}`, 'i'), '')
    .replace(/(?:,? please|[\s,;:.!?])+$/i, '');
}

export function titleOf(what: string): string {
  const [line = what] = what.split(/\n|\. (?=[A-Z])/);
  if (line.length <= MAX_TITLE_CHARS) return capital(line);
  return `${capital(line.slice(0, MAX_TITLE_CHARS).replace(/\s+\S*$/, ''))} …`;
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
export function worksOf(words: string, { repositories, openTasks }: Context): Work[] {
  const pieces = piecesOf(words);
  const forAll = pieces.length === 1 || FOR_ALL.test(MODEL.exec(words)?.[0] ?? '');
  return pieces.map((piece) => {
    const what = capital(bare(piece) || piece);
    const [, named] = MODEL.exec(forAll ? words : piece) ?? [];
    const model = WorkerModel.safeParse(named?.toLowerCase());
    const texts = pieces.length === 1 ? [piece, words] : [piece];
    const repository = repositoryOf(texts, repositories);
    const known = repositories.find(({ name }) => name === repository);
    const [, before] = AFTER.exec(piece) ?? [];
    const after = before === undefined ? null : theOne(before, openTasks);
    // The person's own word on it, or what the work's size asks for.
    const said = PLAN_FIRST.test(words) ? 'plan' : JUST_DO_IT.test(words) ? 'direct' : null;
    const mode = said ?? known?.mode_unless_the_person_says_otherwise;
    return {
      repository,
      title: titleOf(what),
      prompt: `${what}.\n\nKeep to the conventions of ${repository}, cover the change by tests, run all of them, and commit.`,
      mode: mode ?? (LARGE.test(piece) ? 'plan' : 'direct'),
      ...(after !== null && { after: after.id }),
      ...(URGENT.test(piece) && { priority: 'high' as const }),
      ...(model.success && { model: model.data }),
    };
  });
}
