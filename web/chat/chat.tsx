import { useSearchParams } from '@solidjs/router';
import { Show, createEffect, createMemo, createSignal, onMount } from 'solid-js';
import { unwrap } from 'solid-js/store';
import { Dynamic } from 'solid-js/web';
import type { Attachment } from '../../protocol/attachment.ts';
import { MessageBox } from '../attachments/message-box.tsx';
import type { Shared } from '../attachments/shared.ts';
import { later } from '../ui/later.tsx';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { usePlace } from '../ui/place.ts';
import { takesWriting, write } from '../ui/write.ts';
import { type Unsent, useMainloop } from '../state/context.tsx';
import type { Conversation } from './conversation.tsx';

const FirstRun = later(async () => (await import('./first-run.tsx')).FirstRun);
const Digest = later(async () => (await import('./digest.tsx')).Digest);

// Asked for at once and not waited for: one can write before there is anything to read.
const [list, setList] = createSignal<typeof Conversation | null>(null);
void import('./conversation.tsx').then((loaded) => setList(() => loaded.Conversation));

/** The one conversation. */
export function Chat() {
  const { state, act, takeRefusal } = useMainloop();
  const [restored, setRestored] = createSignal<Unsent | null>(null);
  usePlace(() => ({ title: 'Chat', back: null }));
  // Opened from elsewhere: with what another app has shared, or to write something.
  const [query, setQuery] = useSearchParams<{ share?: string; write?: string }>();
  const [shared, setShared] = createSignal<Shared | null>(null);
  createEffect(() => {
    const { share } = query;
    if (share === undefined && query.write === undefined) return;
    setQuery({ share: null, write: null }, { replace: true });
    if (share === undefined) return queueMicrotask(write);
    void import('../attachments/shared.ts')
      .then(({ takeShared }) => takeShared(share))
      .then(setShared)
      .then(write);
  });

  const unsent = createMemo(() => {
    const waiting = state.pending.flatMap(({ command, at }) =>
      command.type === 'send'
        ? [{ id: command.id, text: command.text, attachments: command.attachments ?? [], at }]
        : [],
    );
    if (waiting.length === 0 || state.messages.length === 0) return waiting;
    // Stored already: its message has come before the word that it was taken.
    const messages = unwrap(state.messages);
    return waiting.filter(({ id }) => messages.findLast((one) => one.id === id) === undefined);
  });
  const notSent = createMemo(() =>
    state.refusals.flatMap(({ command, text: sentence }, index) =>
      command?.type === 'send'
        ? [
            {
              id: command.id,
              text: command.text,
              attachments: command.attachments ?? [],
              sentence,
              index,
            },
          ]
        : [],
    ),
  );
  const streams = createMemo(() => {
    const last = state.messages.at(-1);
    return last?.from === 'mainloop' && last.state.is === 'streaming';
  });
  const send = (text: string, attachments: Attachment[] = []) =>
    void act({ type: 'send', text, ...(attachments.length > 0 && { attachments }) });
  onMount(() => {
    if (takesWriting()) write();
  });

  return (
    <div class="relative flex min-h-0 flex-1 flex-col">
      <Show when={list()} fallback={<div class="min-h-0 flex-1" />}>
        {(conversation) => (
          <Dynamic
            component={conversation()}
            unsent={unsent()}
            notSent={notSent()}
            streams={streams()}
            onEdit={({ id }) => {
              const refused = notSent().find((one) => one.id === id);
              if (refused !== undefined) setRestored(takeRefusal(refused.index));
            }}
          >
            <Show when={state.shown !== 'nothing'} fallback={<NotKnownYet />}>
              <FirstRun
                isDemo={typeof state.installation?.offlineModel === 'string'}
                onTry={send}
              />
            </Show>
          </Dynamic>
        )}
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
          <MessageBox
            label="Message"
            placeholder="Message"
            place="chat"
            restored={restored()}
            shared={shared()}
            onSend={send}
            onStop={streams() ? () => act({ type: 'stop' }) : undefined}
          />
        </div>
      </div>
    </div>
  );
}
