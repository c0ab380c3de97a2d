import { For, Match, Show, Switch } from 'solid-js';
import type { MainloopMessage, Message } from '../../protocol/message.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { TaskCard } from '../tasks/task-card.tsx';
import { Ago } from '../ui/time.tsx';

/** What the person wrote, and whether it is stored yet. */
export function PersonBubble(props: {
  text: string;
  at: number;
  stored: boolean;
  offline?: boolean;
}) {
  return (
    <div class="flex flex-col items-end gap-1 [contain-intrinsic-size:auto_4rem] [content-visibility:auto]">
      <div
        dir="auto"
        class="max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {props.text}
      </div>
      <p class="flex items-center gap-1 text-xs text-soft">
        <Show when={props.offline}>Waits for the connection · </Show>
        <Ago at={props.at} />
        <span title={props.stored ? 'Stored' : 'On its way'}>
          <Icon name={props.stored ? 'check' : 'clock'} class="size-3.5" />
        </span>
        <span class="sr-only">{props.stored ? 'Stored' : 'On its way'}</span>
      </p>
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

function Reply(props: { message: MainloopMessage }) {
  const { state } = useMainloop();
  const streams = () => props.message.state.is === 'streaming';
  return (
    <div class="max-w-full">
      <p class="mb-1 flex items-baseline gap-2 text-xs text-soft">
        <span class="font-semibold text-text">Mainloop</span> <Ago at={props.message.at} />
      </p>
      <Show
        when={props.message.text.trim()}
        fallback={
          <Show when={streams()}>
            <p class="pulse text-soft">…</p>
          </Show>
        }
      >
        <div dir="auto" class="prose [overflow-wrap:anywhere]">
          <Markdown text={props.message.text} streaming={streams()} />
        </div>
      </Show>
      <ReplyEnd message={props.message} />
      <div class="mt-3 flex max-w-xl flex-col gap-2 empty:hidden">
        <For each={props.message.taskIds}>
          {(id) => <Show when={state.tasks[id]}>{(task) => <TaskCard task={task()} />}</Show>}
        </For>
      </div>
    </div>
  );
}

export function MessageView(props: { message: Message }) {
  return (
    <Switch>
      <Match when={props.message.from === 'person' && props.message}>
        {(message) => <PersonBubble text={message().text} at={message().at} stored />}
      </Match>
      <Match when={props.message.from === 'mainloop' && props.message}>
        {(message) => <Reply message={message()} />}
      </Match>
    </Switch>
  );
}
