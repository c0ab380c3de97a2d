/** What of the Web Speech API is used: https://webaudio.github.io/web-speech-api/. */
export type Recogniser = {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
  abort(): void;
};

type Here = {
  SpeechRecognition?: new () => Recogniser;
  webkitSpeechRecognition?: new () => Recogniser;
};

const constructorHere = () => {
  const here = globalThis as Here;
  return here.SpeechRecognition ?? here.webkitSpeechRecognition;
};

/** Whether this browser can listen. */
export const canListen = (): boolean => constructorHere() !== undefined;

/** A new one; null where there is none. */
export function recogniserHere(): Recogniser | null {
  const Recognition = constructorHere();
  return Recognition === undefined ? null : new Recognition();
}
