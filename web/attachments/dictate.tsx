import { Show, createSignal, onCleanup } from 'solid-js';
import type { Box } from '../ui/composer.tsx';
import { Icon } from '../ui/icons.tsx';
import type { Dictation } from './dictation.ts';

/** Fetched by the first touch: most who write have a keyboard. */
const fetchDictation = () => import('./dictation.ts');

/** Words instead of keys, by the browser's own recogniser. */
export function Dictate(props: { box: Box }) {
  const [dictation, setDictation] = createSignal<Dictation | null>(null);
  const [problem, setProblem] = createSignal<string | null>(null);
  let button: HTMLButtonElement | undefined;
  const stop = () => dictation()?.stop();
  let isThere = true;
  let isFetched = false;
  const start = async () => {
    setProblem(null);
    const form = button?.form;
    // Before anything is waited for: a phone opens its keyboard for a tap only.
    props.box.focus();
    if (isFetched) return;
    isFetched = true;
    const loaded = await fetchDictation().catch(() => null);
    isFetched = false;
    // Whoever has left meanwhile is not listened to.
    const isLeft = document.hidden || form?.contains(document.activeElement) !== true;
    if (!isThere || isLeft) return;
    if (loaded === null) return setProblem('Dictation needs a connection to begin with.');
    const heard: Record<string, (event: Event) => void> = {
      submit: stop,
      keydown: (event) => {
        const isKey = event instanceof KeyboardEvent;
        if (isKey && event.key === 'Escape') stop();
        // Before the message goes: what is heard after it belongs to nothing.
        if (isKey && event.key === 'Enter' && !event.shiftKey) stop();
      },
      focusout: (event) => {
        const to = event instanceof FocusEvent ? event.relatedTarget : null;
        if (!(to instanceof Node && form.contains(to))) stop();
      },
    };
    for (const [name, hear] of Object.entries(heard)) form.addEventListener(name, hear, true);
    document.addEventListener('visibilitychange', stop);
    let isOver = false;
    const begun = loaded.startDictation({
      text: () => props.box.text(),
      write: (text) => props.box.write(text),
      onEnd: (why) => {
        isOver = true;
        for (const [name, hear] of Object.entries(heard)) {
          form.removeEventListener(name, hear, true);
        }
        document.removeEventListener('visibilitychange', stop);
        setDictation(null);
        setProblem(why);
      },
    });
    // A browser that cannot begin says so at once.
    if (!isOver) setDictation(() => begun);
  };
  onCleanup(() => {
    isThere = false;
    stop();
  });
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label="Dictate"
        aria-pressed={dictation() !== null}
        title={dictation() === null ? 'Dictate' : 'Stop dictating'}
        class="absolute end-0.5 bottom-0.5 flex size-11 items-center justify-center rounded-lg hover:text-text"
        classList={{ 'text-bad': dictation() !== null, 'text-soft': dictation() === null }}
        // The field keeps the focus, and the keyboard of a phone stays where it is.
        onPointerDown={(event) => {
          event.preventDefault();
          fetchDictation().catch(() => {});
        }}
        onClick={() => (dictation() === null ? void start() : stop())}
      >
        <Icon name={dictation() === null ? 'microphone' : 'stop'} />
      </button>
      <p role="status" class="sr-only">
        {dictation() === null ? '' : 'Listening'}
      </p>
      <Show when={problem()}>
        {(said) => (
          <p
            role="alert"
            class="card absolute end-0 bottom-full z-10 mb-2 flex max-w-72 items-start gap-2 p-3 text-sm shadow-md"
          >
            <span class="flex-1">{said()}</span>
            <button
              type="button"
              aria-label="Close"
              class="-m-3 flex size-11 shrink-0 items-center justify-center text-soft"
              onClick={() => setProblem(null)}
            >
              <Icon name="cross" class="size-4" />
            </button>
          </p>
        )}
      </Show>
    </>
  );
}
