import { type Recogniser, recogniserHere } from './recogniser.ts';

export type Dictation = { stop(): void };

/** What went wrong, by the API's name for it, and what to do. */
const PROBLEMS: Record<string, string> = {
  'not-allowed':
    'The microphone is not allowed here. Allow it for this site in the browser’s settings.',
  'service-not-allowed':
    'This browser does not allow dictation here. Use the microphone of your keyboard instead.',
  'audio-capture': 'No microphone was found. Plug one in, or check that no other app holds it.',
  network:
    'Dictation needs a connection: the browser’s own service listens. Try again once online.',
  'no-speech': 'Nothing was heard. Press Dictate again and speak.',
  'language-not-supported': 'The browser’s dictation does not know this language.',
};
const FAILED = 'Dictation has stopped. Press Dictate to go on.';

/** Two pieces of a text, with a space between them where one belongs there. */
function joined(before: string, after: string): string {
  const spoken = after.trim();
  if (spoken === '') return before;
  return before === '' || /\s$/.test(before) ? before + spoken : `${before} ${spoken}`;
}

/**
 * Writes what is heard after what stands there, each word as soon as it is heard. What is typed
 * meanwhile stays, and what is heard then goes on behind it.
 *
 * @param onEnd called once; with a sentence where something went wrong.
 */
export function startDictation(options: {
  text(): string;
  write(text: string): void;
  onEnd(why: string | null): void;
  recogniser?: Recogniser;
}): Dictation {
  const { text, write, onEnd } = options;
  const recogniser = options.recogniser ?? recogniserHere();
  let base = text();
  let shown = base;
  /** Results before this one stand in the base already. */
  let from = 0;
  let heard = 0;
  let isOver = false;
  const end = (why: string | null) => {
    if (isOver) return;
    isOver = true;
    onEnd(why);
  };
  if (recogniser === null) {
    end(FAILED);
    return { stop: () => {} };
  }
  recogniser.lang = navigator.language;
  recogniser.continuous = true;
  recogniser.interimResults = true;
  recogniser.onresult = ({ results }) => {
    if (isOver) return;
    const all = Array.from(results);
    if (text() !== shown) {
      // Somebody typed: what stands there is theirs, and all that was heard so far is in it.
      base = text();
      from = heard;
    }
    heard = all.length;
    const spoken = all.slice(from).map((result) => result[0]?.transcript ?? '');
    shown = spoken.reduce(joined, base);
    write(shown);
  };
  recogniser.onerror = ({ error }) => {
    if (error !== 'aborted') end(PROBLEMS[error] ?? FAILED);
  };
  recogniser.onend = () => end(null);
  try {
    recogniser.start();
  } catch {
    end(FAILED);
  }
  return {
    stop: () => {
      // What it would still hear belongs to nothing any more.
      end(null);
      recogniser.abort();
    },
  };
}
