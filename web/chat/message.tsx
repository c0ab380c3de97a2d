import { A } from '@solidjs/router';
import { For, Match, Show, Switch, createMemo, createSignal } from 'solid-js';
import type { Attachment } from '../../protocol/attachment.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { MainloopMessage, Message } from '../../protocol/message.ts';
import { kindWords } from '../inbox/kinds.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';
import { later } from '../ui/later.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { TaskCard } from '../tasks/task-card.tsx';
import { TimeOfDay } from '../ui/time.tsx';
import { decidedWords } from './decided.ts';
import { beginningOf } from './fold.ts';

const Attached = later(
  async () => (await import('../attachments/attached.tsx')).Attached,
  () => null,
);
const AttachedUnsent = later(
  async () => (await import('../attachments/unsent.tsx')).Unsent,
  () => null,
);

type Files = readonly Attachment[];

/** What the person wrote and the server has not stored yet. */
export type Waiting = { id: string; text: string; attachments: Files; at: number };
/** What it did not take, and why. */
export type Refused = { id: string; text: string; attachments: Files; sentence: string };

/** What the person wrote; a long text is folded, and whether it is stored stands below the last of a turn. */
function Bubble(props: {
  text: string;
  attachments: Files;
  at: number;
  isFirst: boolean;
  isLast: boolean;
  state: string;
}) {
  const [isOpen, setIsOpen] = createSignal(false);
  const beginning = createMemo(() => beginningOf(props.text));
  const text = () => (isOpen() ? props.text : (beginning() ?? props.text));
  const isStored = () => props.state === 'Stored';
  return (
    <div class={`flex flex-col items-end gap-1 ${props.isFirst ? 'pt-6' : 'pt-1.5'}`}>
      <Show when={props.attachments.length > 0}>
        <div class="flex max-w-[85%] justify-end">
          <Show when={isStored()} fallback={<AttachedUnsent files={props.attachments} />}>
            <Attached files={props.attachments} />
          </Show>
        </div>
      </Show>
      <Show when={props.text.trim() !== ''}>
        <div
          dir="auto"
          class="prose max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 [overflow-wrap:anywhere]"
        >
          <Markdown text={text()} breaks under={2} />
          <Show when={beginning() !== null}>
            <button
              type="button"
              aria-expanded={isOpen()}
              class="min-h-11 text-sm font-medium text-accent hover:underline"
              onClick={() => setIsOpen(!isOpen())}
            >
              {isOpen() ? 'Show less' : `Show all ${props.text.length.toLocaleString()} characters`}
            </button>
          </Show>
        </div>
      </Show>
      <Show when={props.isLast || !isStored()}>
        <p class="flex items-center gap-1 text-xs text-soft">
          <Show when={isStored()} fallback={<span>{props.state}</span>}>
            <TimeOfDay at={props.at} />
          </Show>
          <Icon name={isStored() ? 'check' : 'clock'} class="size-3.5" />
          <Show when={isStored()}>
            <span class="sr-only">Stored</span>
          </Show>
        </p>
      </Show>
    </div>
  );
}

export function Unsent(props: { waiting: Waiting }) {
  const { state } = useMainloop();
  return (
    <Bubble
      text={props.waiting.text}
      attachments={props.waiting.attachments}
      at={props.waiting.at}
      isFirst
      isLast
      state={state.connection === 'Online' ? 'On its way' : 'Waits for the connection'}
    />
  );
}

/** What was refused, with its text to be written anew. */
export function NotSent(props: { refused: Refused; onEdit(): void }) {
  return (
    <div class="pt-6">
      <div role="alert" class="card border-bad p-4 text-sm">
        <p class="font-medium text-bad">Not sent: {props.refused.sentence}</p>
        <p class="mt-1 line-clamp-2 text-soft">{props.refused.text.slice(0, 300)}</p>
        <Show when={props.refused.attachments.length > 0}>
          <p class="mt-1 text-soft">
            With {props.refused.attachments.map(({ name }) => name).join(', ')}
          </p>
        </Show>
        <button type="button" class="button mt-3" onClick={() => props.onEdit()}>
          Edit
        </button>
      </div>
    </div>
  );
}

function ReplyEnd(props: { message: MainloopMessage }) {
  const { act } = useMainloop();
  const again = () => (
    <button
      type="button"
      class="button"
      onClick={() => act({ type: 'again', messageId: props.message.id })}
    >
      Ask again
    </button>
  );
  return (
    <Switch>
      <Match when={props.message.state.is === 'cut' && props.message.state}>
        {(state) => (
          <div class="mt-2 flex items-center gap-3 text-sm text-soft">
            {state().why === 'stopped' ? 'Stopped.' : 'Cut off by a restart.'} {again()}
          </div>
        )}
      </Match>
      <Match when={props.message.state.is === 'failed' && props.message.state}>
        {(state) => (
          <div class="mt-2 flex flex-wrap items-center gap-3 text-sm text-bad">
            <Icon name="alert" /> <span class="min-w-0 flex-1">{state().error}</span> {again()}
          </div>
        )}
      </Match>
    </Switch>
  );
}

/** What was decided, where it was asked; the way to it while it is open. */
function Decision(props: { item: InboxItem }) {
  return (
    <Show
      when={props.item.outcome}
      fallback={
        <A
          href={`/inbox/${props.item.id}`}
          class="mt-1 inline-flex min-h-11 items-center gap-2 text-sm font-medium text-accent hover:underline"
        >
          <Icon name="inbox" class="size-4" /> {kindWords(props.item)}: open it
        </A>
      }
    >
      {(outcome) => (
        <p class="mt-1.5 flex items-start gap-2 text-sm" dir="auto">
          <Icon name="check" class="mt-0.5 size-4 shrink-0 text-soft" />
          <span class="min-w-0 [overflow-wrap:anywhere]">{decidedWords(props.item)}</span>
          <span class="mt-0.5 shrink-0 text-xs text-soft">
            <TimeOfDay at={outcome().at} />
          </span>
        </p>
      )}
    </Show>
  );
}

function Reply(props: { message: MainloopMessage; isFirst: boolean; asked(): InboxItem | null }) {
  const { state } = useMainloop();
  const streams = () => props.message.state.is === 'streaming';
  const asked = createMemo(() => props.asked());
  return (
    <div class={`max-w-full ${props.isFirst ? 'pt-6' : 'pt-3'}`}>
      <Show when={props.isFirst}>
        <p class="mb-1 flex items-baseline gap-2 text-xs text-soft">
          <span class="font-semibold text-text">Mainloop</span> <TimeOfDay at={props.message.at} />
        </p>
      </Show>
      <Show
        when={props.message.text.trim()}
        fallback={
          <Show when={streams()}>
            <p class="pulse text-soft">…</p>
          </Show>
        }
      >
        <div dir="auto" class="prose [overflow-wrap:anywhere]">
          <Markdown text={props.message.text} streaming={streams()} under={2} />
        </div>
      </Show>
      <Show when={asked()}>{(item) => <Decision item={item()} />}</Show>
      <ReplyEnd message={props.message} />
      <div class="mt-3 flex max-w-xl flex-col gap-2 empty:hidden">
        <For each={props.message.taskIds}>
          {(id) => <Show when={state.tasks[id]}>{(task) => <TaskCard task={task()} />}</Show>}
        </For>
      </div>
    </div>
  );
}

export function MessageView(props: {
  message: Message;
  isFirst: boolean;
  isLast: boolean;
  /** What it asked of the person. */
  asked(): InboxItem | null;
}) {
  return (
    <Switch>
      <Match when={props.message.from === 'person' && props.message}>
        {(message) => (
          <Bubble
            text={message().text}
            attachments={message().attachments ?? []}
            at={message().at}
            isFirst={props.isFirst}
            isLast={props.isLast}
            state="Stored"
          />
        )}
      </Match>
      <Match when={props.message.from === 'mainloop' && props.message}>
        {(message) => <Reply message={message()} isFirst={props.isFirst} asked={props.asked} />}
      </Match>
    </Switch>
  );
}
