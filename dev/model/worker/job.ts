import type { Edit } from './edits.ts';
import type { Facts } from './facts.ts';
import type { Question } from './planning.ts';

/** What is asked for. */
export type Order = {
  task: string;
  /** What the person said since, about a plan or the work, oldest first. */
  remarks: readonly string[];
  /** Answers in words, by question. */
  answers: ReadonlyMap<string, string>;
  /** The plan's alternative that was picked; empty when none was. */
  picked: string;
};

/** One thing to see to. A stage that is done already takes no step. */
export type Stage =
  | { is: 'read'; path: string; say: string }
  /** `only: 'before'` leaves it out where a change that follows is there already. */
  | { is: 'run'; command: string; description: string; say: string; only?: 'before' }
  /** The edit is worked out from the file's text as it is; null where there is no such file. */
  | { is: 'change'; path: string; say: string; edit: (text: string | null) => Edit }
  /** The tests run once before the changes that follow, to see the new ones fail. */
  | { is: 'prove'; say: string };

export type Change = Extract<Stage, { is: 'change' }>;

/** A piece of work that this model knows how to do. */
export type Job = {
  /** True when the words ask for this. */
  matches: (task: string) => boolean;
  /** Files that the repository must have; without them it is not the one that the job knows. */
  needs: readonly string[];
  stages: (order: Order, facts: Facts) => Stage[];
  /** One line: the commit's subject and the pull request's title. */
  title: (order: Order) => string;
  /** What changed for those who use it, in one sentence of Markdown. */
  headline: (order: Order) => string;
  /** What the pull request says of its reasons, in Markdown. */
  why: (order: Order) => string;
  /** Remarks of the person that the stages above carry out. */
  carriesOut: (remark: string) => boolean;
  /** What only the person can decide; asked before there is a plan. */
  questions?: readonly Question[];
  /** What the plan offers instead, as Markdown. */
  alternatives?: readonly string[];
};

/** A file that is written whole, unless there is one with `mark` in it. */
export function created(path: string, mark: string, content: string, say: string): Change {
  const edit = (text: string | null): Edit =>
    text?.includes(mark) === true ? { is: 'present' } : { is: 'create', content };
  return { is: 'change', path, say, edit };
}

/** A change that is there when `mark` is in the file. */
export function changed(
  path: string,
  mark: string,
  edit: (text: string) => Edit,
  say: string,
): Change {
  return {
    is: 'change',
    path,
    say,
    edit: (text) => {
      if (text === null) return { is: 'lost' };
      return text.includes(mark) ? { is: 'present' } : edit(text);
    },
  };
}
