import type Anthropic from '@anthropic-ai/sdk';
import type {
  Message as ModelMessage,
  MessageCreateParamsBase,
} from '@anthropic-ai/sdk/resources/messages';
import { type ModelFailure, modelFailure, pauseBeforeTry } from './model-failure.ts';

export type ModelAnswer =
  | { is: 'answer'; message: ModelMessage }
  | { is: 'failed'; failure: ModelFailure };

/**
 * One streamed call of the model, tried again by our rules as long as it has said nothing, or what
 * it said can be taken back. `onText` gets each piece of text the moment it arrives; `takeBack` is
 * null where words have to stay, and otherwise called before the same is said anew.
 *
 * @param silenceMs a model that says nothing for so long has been lost.
 */
export async function callModel(
  model: Anthropic,
  parameters: MessageCreateParamsBase,
  signal: AbortSignal,
  onText: (text: string) => void,
  takeBack: (() => void) | null,
  silenceMs: number,
): Promise<ModelAnswer> {
  let said = false;
  for (let tried = 1; ; tried++) {
    const answer = await callOnce(model, parameters, silenceMs, signal, (text) => {
      said = true;
      onText(text);
    });
    if (answer.is === 'answer') return answer;
    const pause = pauseBeforeTry(answer.failure, tried, said && takeBack === null);
    if (pause === null) return answer;
    await pauseUnlessStopped(pause, signal);
    if (signal.aborted) return { is: 'failed', failure: { is: 'stopped' } };
    if (said) takeBack?.();
    said = false;
  }
}

function pauseUnlessStopped(pauseMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const goOn = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', goOn);
      resolve();
    };
    const timer = setTimeout(goOn, pauseMs);
    signal.addEventListener('abort', goOn);
    if (signal.aborted) goOn();
  });
}

async function callOnce(
  model: Anthropic,
  parameters: MessageCreateParamsBase,
  silenceMs: number,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<ModelAnswer> {
  const ours = new AbortController();
  let why: 'stopped' | 'silent' | null = null;
  const end = (reason: 'stopped' | 'silent') => {
    why ??= reason;
    ours.abort();
  };
  const onStop = () => end('stopped');
  signal.addEventListener('abort', onStop);
  if (signal.aborted) onStop();
  let timer = setTimeout(() => end('silent'), silenceMs);
  try {
    const stream = model.messages.stream(parameters, { signal: ours.signal });
    stream.on('streamEvent', () => {
      clearTimeout(timer);
      timer = setTimeout(() => end('silent'), silenceMs);
    });
    stream.on('text', onText);
    const message = await stream.finalMessage();
    // A stream that breaks off after its first event still gives a message: one without an end.
    return message.stop_reason === null
      ? { is: 'failed', failure: { is: 'cut' } }
      : { is: 'answer', message };
  } catch (error) {
    return { is: 'failed', failure: modelFailure(error, why) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onStop);
  }
}
