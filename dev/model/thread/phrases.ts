import { POLITE } from './work.ts';

/** By what a wish is recognised. `about` are the words for the task that it is about. */
const polite = (source: string) => new RegExp(`^${POLITE}${source}[.!?]*$`, 'i');

export const CANCEL = polite(
  '(?:cancel|abort|kill|call off|stop(?: working on)?)\\s+(?<about>it|that|this|the .+|task .+|.+ task.*?)',
);
export const INTERRUPT = polite('(?:interrupt|pause|hold)\\s+(?<about>.+?)');
export const MERGE = polite('merge\\s+(?<about>.+?)');
export const MEND = polite(
  '(?:(?:fix|mend) (?:the )?(?<checks>(?:failing |failed |red )?checks?)|resolve (?:the )?(?<conflicts>(?:merge )?conflicts?)|(?:address|take up) (?:the )?(?<comments>(?:review )?comments?))(?: (?:of|in|on) (?<about>.+?))?',
);
export const NEXT_MODEL = polite(
  'use (?<model>opus|sonnet|haiku) for the next turns?(?: (?:of|in|on) (?<about>.+?))?',
);
export const RAISE = polite(
  '(?:raise|increase|set) (?:the )?budget(?: of (?!(?:a|each|every|one) task|(?:a|the|each) day|today)(?<about>.+?))? to \\$?(?<limit>\\d+(?:\\.\\d+)?)(?: dollars)?',
);
export const TELL = new RegExp(
  `^${POLITE}(?:(?:tell|ask|answer|let)(?: the)?|message the|(?:for|in|on) the(?= .+? (?:task|one|job)\\b)) (?!me\\b|us\\b)(?<about>.+?)(?: (?:task|one|job|worker))?(?:\\s+to|\\s+that|\\s*[:,])\\s+(?<text>[\\s\\S]+)$`,
  'i',
);
/** A second thought about work in progress: it speaks of "it" and begins like an afterthought. */
export const AFTERTHOUGHT =
  /^(?:also|and|oh|actually|wait|instead|by the way|better)\b.*\b(?:it|its|that|this|the flag|the option|the name|there)\b|^(?:call|name) (?:it|the (?:flag|option|command))\b/i;

export const APPROVE =
  /^(?:(?:yes|ok(?:ay)?|great|good|fine),?\s*)*(?:approve[ds]?\b|lgtm\b|looks good|sounds good|go ahead|ship it|do it\b|go for it|that'?s fine|yes\b|\u{1F44D})/iu;
export const REJECT =
  /^(?:reject\b|drop (?:the plan|it)\b|no,? (?:thanks|don'?t|forget it)|forget it)/i;
export const CHANGE =
  /^(?:(?:please )?(?:change|revise|adapt) the plan(?: for .{1,60}?)?\s*(?:[:,]|so that|to)\s*|but\s+|instead,?\s+)/i;

export const PARALLEL =
  /\b(?:at most|no more than|up to|only|limit of)\s+(\d+|one|two|three|four|five|six)\s+tasks?\b/i;
export const BUDGET =
  /\bbudget (?:of|for) (?:(a|each|every|one) task|(?:a|the|each) day|today)\b.*?\$?(\d+(?:\.\d+)?)/i;
export const NOTE =
  /^(?:please )?(?:remember|note|keep in mind|don'?t forget)(?: that|:)?\s+([\s\S]+?[^?])[.!]*$/i;

export const HELP =
  /^(?:help|\?+)$|\b(?:what can you do|how (?:does|do) (?:this|you|it) work|who are you|what are you\??$|are you (?:real|offline|an? )|which model (?:are|is))\b|^(?:hi|hello|hey|good (?:morning|evening|afternoon|day))\b[\s\S]{0,30}$|^how are you\b|^(?:are you )?(?:still )?there\?$/i;
export const THANKS =
  /^(?:thanks?|thank you|thx|great|nice|perfect|cool|well done|ok(?:ay)?|good|super|bye)\b[\s\S]{0,40}$/i;
export const LIST_TASKS = /^(?:please )?(?:list|show)\b.{0,20}\btasks\b/i;
export const REPOSITORIES =
  /\b(?:which|what|list|show|name|do you (?:see|have)|can you (?:see|reach))\b.*\b(?:repositor(?:y|ies)|repos?)\b/i;
export const STATUS =
  /\b(?:how(?:'s| is| are| does)\b.*\b(?:going|coming|doing|along|looking|tasks?|work)\b|status|progress|any (?:news|update)|what(?:'s| is| are)?\s+(?:you|they|everyone|running|going on|happening|in progress)\b|(?:is|are) .*\b(?:done|finished|ready|running|stuck)\b|how far|which tasks|what tasks)/i;
export const OF_WORK = /\b(?:status|progress|doing|going|news)\b/i;
export const RECALL =
  /\b(?:what|which|when|where|who|did|do)\b.*\b(?:i|you|we)\b.*\b(?:say|said|tell|told|ask(?:ed)?|mention(?:ed)?|decide[ds]?|agreed?|call(?:ed)?|name[ds]?|want(?:ed)?)\b|\b(?:what|who|when|where|which)(?:['’]s| was| were| is| are) (?:the|my|our|your)\b|\bdo you (?:still )?(?:remember|know|recall)\b|\bremind me\b|\b(?:at the (?:start|beginning)|earlier|before)\b.*\?/i;
export const REMEMBER =
  /\b(?:code ?word|pass ?word|my name|our .{2,30}|the .{2,30}) (?:is|are) (?!broken|missing|wrong)\S/i;
