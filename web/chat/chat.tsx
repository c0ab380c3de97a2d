import {
  For,
  Show,
  createEffect,
  createMemo,
  createSignal,
  onCleanup,
  onMount,
  untrack,
} from 'solid-js';
import { Composer } from '../ui/composer.tsx';
import { Icon } from '../ui/icons.tsx';
import { later } from '../ui/later.tsx';
import { DEMO_EXAMPLES, EXAMPLES } from './examples.ts';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { usePlace } from '../ui/place.ts';
import { MessageView, PersonBubble } from './message.tsx';
import { useMainloop } from '../state/context.tsx';

/** Closer to the end than this counts as being there. */
const NEAR_END_PX = 80;
const NEAR_START_PX = 400;

const Digest = later(async () => (await import('./digest.tsx')).Digest);

function FirstRun(props: { isDemo: boolean; onTry(text: string): void }) {
  return (
    <div class="m-auto flex max-w-md flex-col items-center gap-2 py-10 text-center">
      <h2 class="text-2xl font-bold tracking-tight">What should get done?</h2>
      <p class="text-soft">
        Say it in your own words. Workers do it in a sandbox, and a draft pull request comes back.
      </p>
      <div class="mt-4 flex w-full flex-col gap-2">
        <For each={props.isDemo ? DEMO_EXAMPLES : EXAMPLES}>
          {(example) => (
            <button
              type="button"
              class="button justify-start py-2 text-left"
              onClick={() => props.onTry(example)}
            >
              {example}
            </button>
          )}
        </For>
      </div>
    </div>
  );
}

/** The one conversation. */
export function Chat() {
  const { state, act, takeRefusal, loadOlder } = useMainloop();
  const [atEnd, setAtEnd] = createSignal(true);
  const [restored, setRestored] = createSignal('');
  usePlace(() => ({ title: 'Chat', back: null }));
  let scroller: HTMLDivElement | undefined;
  let content: HTMLDivElement | undefined;

  const known = createMemo(() => new Set(state.messages.map((message) => message.id)));
  const unsent = createMemo(() =>
    state.pending.flatMap(({ command, at }) =>
      command.type === 'send' && !known().has(command.id) ? [{ ...command, at }] : [],
    ),
  );
  const notSent = createMemo(() =>
    state.refusals.flatMap((refusal, index) =>
      refusal.command?.type === 'send'
        ? [{ index, sentence: refusal.text, text: refusal.command.text }]
        : [],
    ),
  );
  const streams = createMemo(() => {
    const last = state.messages.at(-1);
    return last?.from === 'mainloop' && last.state.is === 'streaming';
  });
  const isEmpty = () =>
    state.shown !== 'nothing' &&
    state.messages.length === 0 &&
    unsent().length === 0 &&
    notSent().length === 0;

  const toEnd = () => scroller?.scrollTo({ top: scroller.scrollHeight });
  const onScroll = () => {
    if (scroller === undefined) return;
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR_END_PX);
    if (scrollTop < NEAR_START_PX && state.hasOlder) void pageIn();
  };
  const pageIn = async () => {
    const before = scroller?.scrollHeight ?? 0;
    await loadOlder();
    // What was under the eyes stays there, where the browser does not see to it itself.
    if (scroller !== undefined && scroller.scrollTop < NEAR_START_PX) {
      scroller.scrollTop += scroller.scrollHeight - before;
    }
  };
  onMount(() => {
    // Whatever makes the text grow: who was at the end stays there.
    const observer = new ResizeObserver(() => {
      if (atEnd()) toEnd();
    });
    if (content !== undefined) observer.observe(content);
    if (scroller !== undefined) observer.observe(scroller);
    onCleanup(() => observer.disconnect());
  });
  createEffect(() => {
    if (state.shown !== 'nothing' && untrack(atEnd)) queueMicrotask(toEnd);
  });

  const send = (text: string) => {
    act({ type: 'send', text });
    setAtEnd(true);
    queueMicrotask(toEnd);
  };

  return (
    <div class="relative flex min-h-0 flex-1 flex-col">
      <div ref={scroller} class="min-h-0 flex-1 overflow-y-auto" onScroll={onScroll}>
        <div ref={content} class="mx-auto flex min-h-full w-full max-w-3xl flex-col px-4 pt-6 pb-4">
          <div
            role="log"
            aria-label="Conversation"
            aria-busy={streams()}
            class="flex flex-1 flex-col gap-6"
          >
            <For each={state.messages}>{(message) => <MessageView message={message} />}</For>
            <For each={unsent()}>
              {(message) => (
                <PersonBubble
                  text={message.text}
                  at={message.at}
                  stored={false}
                  offline={state.connection !== 'Online'}
                />
              )}
            </For>
            <For each={notSent()}>
              {(message) => (
                <div role="alert" class="card border-bad p-4 text-sm">
                  <p class="font-medium text-bad">Not sent: {message.sentence}</p>
                  <p class="mt-1 line-clamp-2 text-soft">{message.text.slice(0, 300)}</p>
                  <button
                    type="button"
                    class="button mt-3"
                    onClick={() => setRestored(takeRefusal(message.index))}
                  >
                    Edit
                  </button>
                </div>
              )}
            </For>
            <Show when={state.shown === 'nothing'}>
              <NotKnownYet />
            </Show>
            <Show when={isEmpty()}>
              <FirstRun
                isDemo={typeof state.installation?.offlineModel === 'string'}
                onTry={send}
              />
            </Show>
          </div>
        </div>
      </div>
      <Show when={!atEnd()}>
        <button
          type="button"
          class="button absolute bottom-24 left-1/2 -translate-x-1/2 rounded-full shadow-md"
          onClick={() => {
            setAtEnd(true);
            toEnd();
          }}
        >
          <Icon name="down" class="size-4" /> Latest
        </button>
      </Show>
      <Show when={state.away}>
        <div class="mx-auto max-h-[40dvh] w-full max-w-3xl overflow-y-auto">
          <Digest />
        </div>
      </Show>
      <div class="border-t border-line bg-ground">
        <div class="mx-auto w-full max-w-3xl px-4 py-3">
          <Show when={state.installation?.offlineModel}>
            {(sentence) => <p class="mb-2 text-xs text-soft">{sentence()}</p>}
          </Show>
          <Composer
            label="Message"
            placeholder="Message"
            draft="chat"
            restored={restored()}
            onSend={send}
            onStop={streams() ? () => act({ type: 'stop' }) : undefined}
          />
        </div>
      </div>
    </div>
  );
}
