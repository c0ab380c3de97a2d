import type { Context } from './context.ts';
import { type Decision, decisionOf } from './decisions.ts';
import { type Setting, settingIn } from './settings.ts';
import { isOver } from './tasks.ts';
import { type Work, type WorkerModel, isWork, worksOf } from './work.ts';

/** What the person wants, as far as this model understands it. */
export type Intent =
  | { is: 'work'; works: Work[] }
  /** `about` are the words for the task; empty for all of them. */
  | { is: 'status'; about: string }
  | { is: 'cancel'; about: string; all: boolean }
  | { is: 'steer'; about: string; text: string }
  | { is: 'decision'; decision: Decision }
  | { is: 'interrupt'; about: string }
  | { is: 'merge'; about: string }
  | { is: 'model'; about: string; model: WorkerModel }
  | { is: 'repositories' }
  | { is: 'recall'; question: string }
  | { is: 'remember'; text: string }
  | { is: 'setting'; setting: Setting }
  | { is: 'raise'; about: string; limit: number }
  | { is: 'help' }
  | { is: 'greeting' }
  | { is: 'thanks' }
  | { is: 'unclear' };

const POLITE =
  '(?:(?:please|ok(?:ay)?|now|and|oh|actually),?\\s+|(?:can|could|would) you (?:please )?)*';
const CANCEL = new RegExp(
  `^${POLITE}(?:cancel|abort|kill|call off|stop(?: working on)?)\\s+(all|everything|both|it|that|this|the .+|task .+|.+ task.*)[.!?]*$`,
  'i',
);
const INTERRUPT = new RegExp(
  `^${POLITE}(?:interrupt|pause|hold|stop the turn of)\\s+(.+?)[.!]*$`,
  'i',
);
const RAISE =
  /^(?:please )?(?:raise|increase|set) (?:the )?(?:budget of (?:the )?(.+?)(?: task)?|(.+?)(?: task)?['’]s budget|budget) to \$?(\d+(?:\.\d+)?)(?: dollars)?[.!]*$/i;
const MERGE = new RegExp(`^${POLITE}merge\\s+(.+?)[.!]*$`, 'i');
const NEXT_MODEL = new RegExp(
  `^${POLITE}use (opus|sonnet|haiku) for the next turns?(?: (?:of|in|on) (?:the )?(.+?))?(?: task)?[.!]*$`,
  'i',
);
const TELL = new RegExp(
  `^${POLITE}(?:(?:tell|ask|let) (?:the )?|message the )(.+?)(?: (?:task|one|job|worker))?(?:\\s+to|\\s+that|\\s*[:,])\\s+([\\s\\S]+)$`,
  'i',
);
const IN_TASK = new RegExp(
  `^${POLITE}(?:for|in|on) the (.+?) (?:task|one|job)[,:]?\\s+([\\s\\S]+)$`,
  'i',
);
/** A second thought about work in progress: it speaks of "it" and begins like an afterthought. */
const AFTERTHOUGHT =
  /^(?:also|and|oh|actually|wait|instead|by the way|better)\b.*\b(?:it|its|that|this|the flag|the option|the name|there)\b|^(?:call|name) (?:it|the (?:flag|option|command))\b/i;
const STATUS =
  /\b(?:how(?:'s| is| are| does)\b.*\b(?:going|coming|doing|along|look(?:ing)?|task|tasks|it|work)\b|status|progress|what(?:'s| is| are)?\s+(?:you|it|they|everyone|running|going on|happening|in progress|the tasks?)\b.*(?:doing|working|running|up to|on)?|any (?:news|update)|(?:is|are) .*\b(?:done|finished|ready|running|stuck)\b|how far|what(?:'s| is| are) (?:being worked|open)|which tasks|what tasks|(?:list|show) (?:me )?(?:all |the |my |open )*tasks)\b/i;
const REPOSITORIES =
  /\b(?:which|what|list|show|name|do you (?:see|have)|can you (?:see|reach))\b.*\b(?:repositor(?:y|ies)|repos?)\b/i;
const RECALL =
  /\b(?:what|which|when|where|who|did|do)\b.*\b(?:i|you|we)\b.*\b(?:say|said|tell|told|ask(?:ed)?|mention(?:ed)?|decide[ds]?|agreed?|call(?:ed)?|name[ds]?|want(?:ed)?)\b|\b(?:what|who|when|where|which)(?:['’]s| was| were| is| are) (?:the|my|our|your)\b|\bdo you (?:still )?(?:remember|know|recall)\b|\bremind me\b|\b(?:at the (?:start|beginning)|earlier|before)\b.*\?/i;
const REMEMBER =
  /\b(?:code ?word|pass ?word|my name|our .{2,30}|the .{2,30}) (?:is|are) (?!broken|missing|wrong)\S/i;
const LIST_TASKS = /^(?:please )?(?:list|show)\b.{0,20}\btasks\b/i;
const HELP =
  /^(?:help|\?+)$|\b(?:what can you do|how (?:does|do) (?:this|you|it) work|who are you|what are you\??$|are you (?:real|offline|an? )|which model (?:are|is))\b/i;
const GREETING =
  /^(?:hi|hello|hey|good (?:morning|evening|afternoon|day)|hallo|moin|yo)\b[\s\S]{0,30}$|^how are you\b|^(?:are you )?(?:still )?there\?$|^(?:ping|test)\W*$/i;
const THANKS =
  /^(?:thanks?|thank you|thx|great|nice|perfect|cool|well done|ok(?:ay)?|good|super|awesome|wonderful|bye|good night)\b[\s\S]{0,40}$/i;
const TASK_WORDS =
  /\b(?:the|task)\s+([\w-]+(?:\s+[\w-]+){0,4}?)(?:\s+(?:task|one|job|going|coming|doing|done|finished|ready|running))?[?.!]*$/i;

/** The words by which a question names one task; empty when it is about all of them. */
function taskNamedIn(words: string): string {
  const named =
    /\bthe (.+?) (?:task|job|one)\b/i.exec(words)?.[1] ?? TASK_WORDS.exec(words)?.[1] ?? '';
  return /^(?:tasks?|status|progress|work|news|moment)\b/i.test(named) ? '' : named;
}

function steering(words: string, context: Context): Intent | null {
  const told = TELL.exec(words) ?? IN_TASK.exec(words);
  const [, about, text] = told ?? [];
  if (about !== undefined && text !== undefined && !/^(?:me|us)\b/i.test(about)) {
    return {
      is: 'steer',
      about: /^(?:it|them|him|her)$/i.test(about) ? '' : about,
      text: text.trim(),
    };
  }
  const atWork = context.openTasks.filter(
    (task) => !isOver(task) && !['In review', 'Needs approval'].includes(task.status),
  );
  if (AFTERTHOUGHT.test(words) && atWork.length === 1)
    return { is: 'steer', about: '', text: words };
  return null;
}

/** What a message of the person asks for. Earlier rules win. */
export function intentOf(message: string, context: Context): Intent {
  const words = message.trim();
  const asks = /\?\s*$/.test(words);
  const cancel = CANCEL.exec(words)?.[1];
  if (cancel !== undefined) {
    const all = /^(?:all|everything|both)\b/i.test(cancel);
    return { is: 'cancel', about: /^(?:it|that|this)$/i.test(cancel) || all ? '' : cancel, all };
  }
  const [, named, about = ''] = NEXT_MODEL.exec(words) ?? [];
  const model = (['opus', 'sonnet', 'haiku'] as const).find((one) => one === named?.toLowerCase());
  if (model !== undefined) return { is: 'model', about, model };
  const interrupt = INTERRUPT.exec(words)?.[1];
  if (interrupt !== undefined) return { is: 'interrupt', about: interrupt };
  const merge = MERGE.exec(words)?.[1];
  if (merge !== undefined) return { is: 'merge', about: merge };
  const [, of = '', whose = '', limit] = RAISE.exec(words) ?? [];
  const isOfAll = /^(?:a|each|every|one) task$|^(?:a|the|each) day$|^today$/i.test(of);
  if (limit !== undefined && !isOfAll) {
    return { is: 'raise', about: of || whose, limit: Number(limit) };
  }
  const setting = isWork(words) ? null : settingIn(words);
  if (setting !== null) return { is: 'setting', setting };
  const decision = decisionOf(words, context);
  if (decision !== null) return { is: 'decision', decision };
  const steer = steering(words, context);
  if (steer !== null) return steer;
  if (HELP.test(words)) return { is: 'help' };
  if (LIST_TASKS.test(words)) return { is: 'status', about: '' };
  if (REPOSITORIES.test(words) && !isWork(words)) return { is: 'repositories' };
  if (GREETING.test(words) && !isWork(words)) return { is: 'greeting' };
  if (isWork(words) && !(asks && RECALL.test(words))) {
    return { is: 'work', works: worksOf(words, context) };
  }
  if (REMEMBER.test(words) && !asks && !RECALL.test(words)) return { is: 'remember', text: words };
  const ofWork = /\b(?:status|progress|doing|going|news)\b/i.test(words);
  if (RECALL.test(words) && !(STATUS.test(words) && ofWork)) {
    return { is: 'recall', question: words };
  }
  if (STATUS.test(words)) return { is: 'status', about: taskNamedIn(words) };
  if (THANKS.test(words)) return { is: 'thanks' };
  return asks ? { is: 'recall', question: words } : { is: 'unclear' };
}
