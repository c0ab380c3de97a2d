import { For, Match, Show, Switch, onCleanup, onMount } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import { openFeed } from '../net/feed.ts';
import { type ActivityRow, addEvents } from '../state/activity.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { SetupRow } from './setup-row.tsx';
import { Ago } from '../ui/time.tsx';

function ToolRow(props: { row: Extract<ActivityRow, { is: 'tool' }> }) {
  const icon = (): IconName =>
    props.row.result === null ? 'work' : props.row.result.isError ? 'alert' : 'check';
  const colour = () =>
    props.row.result === null
      ? 'text-accent pulse'
      : props.row.result.isError
        ? 'text-bad'
        : 'text-good';
  return (
    <details class="card group overflow-hidden">
      <summary class="flex min-h-11 items-center gap-2.5 px-3 py-2 text-sm">
        <span class={colour()}>
          <Icon name={icon()} class="size-4" />
        </span>
        <span class="font-semibold">{props.row.call.tool}</span>
        <span class="min-w-0 flex-1 truncate font-mono text-xs text-soft">
          {props.row.call.title}
        </span>
        <span class="sr-only">
          {props.row.result === null ? 'under way' : props.row.result.isError ? 'failed' : 'done'}
        </span>
      </summary>
      <div class="flex flex-col gap-2 border-t border-line p-3">
        <pre tabindex="0" class="max-h-60 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs">
          {props.row.call.input}
        </pre>
        <Show when={props.row.result}>
          {(result) => (
            <pre
              tabindex="0"
              class="max-h-96 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs"
            >
              {result().output}
              {result().truncated ? '\n… (cut)' : ''}
            </pre>
          )}
        </Show>
      </div>
    </details>
  );
}

function OtherRow(props: { row: Extract<ActivityRow, { is: 'other' }> }) {
  const line = (text: string, icon: IconName) => (
    <p class="flex items-start gap-2.5 px-3 py-1 text-sm text-soft">
      <Icon name={icon} class="mt-0.5 size-4 shrink-0" />
      <span class="min-w-0 flex-1 [overflow-wrap:anywhere]">{text}</span>
      <Ago at={props.row.at} class="shrink-0 text-xs" />
    </p>
  );
  return (
    <Switch>
      <Match when={props.row.body.type === 'text' && props.row.body}>
        {(body) => (
          <div class="prose px-3 py-1 text-sm [overflow-wrap:anywhere]">
            <Markdown text={body().text} />
          </div>
        )}
      </Match>
      <Match when={props.row.body.type === 'step' && props.row.body}>
        {(body) => line(body().text, 'work')}
      </Match>
      <Match when={props.row.body.type === 'status' && props.row.body}>
        {(body) => line([body().status, body().note].filter(Boolean).join(': '), 'clock')}
      </Match>
      <Match when={props.row.body.type === 'commit' && props.row.body}>
        {(body) => line(`Commit ${body().commit.slice(0, 7)}: ${body().title}`, 'check')}
      </Match>
      <Match when={props.row.body.type === 'message' && props.row.body}>
        {(body) => line(`You: ${body().text}`, 'chat')}
      </Match>
      <Match when={props.row.body.type === 'steered' && props.row.body}>
        {(body) => line(`Claude Code was told: ${body().text}`, 'chat')}
      </Match>
      <Match when={props.row.body.type === 'question' && props.row.body}>
        {(body) =>
          line(
            `Asks: ${body()
              .questions.map((one) => one.question)
              .join(' ')}`,
            'question',
          )
        }
      </Match>
      <Match when={props.row.body.type === 'plan' && props.row.body}>
        {(body) => (
          <details class="card overflow-hidden">
            <summary class="flex min-h-11 items-center gap-2.5 px-3 py-2 text-sm">
              <Icon name="plan" class="size-4" />
              <span class="font-semibold">Presents a plan</span>
            </summary>
            <div class="prose border-t border-line p-3 text-sm [overflow-wrap:anywhere]">
              <Markdown text={body().text} />
            </div>
          </details>
        )}
      </Match>
      <Match when={props.row.body.type === 'decision' && props.row.body}>
        {(body) => line(body().text, 'check')}
      </Match>
      <Match when={props.row.body.type === 'interrupted'}>
        {line('Interrupted; the work is kept', 'stop')}
      </Match>
      <Match when={props.row.body.type === 'pull_request' && props.row.body}>
        {(body) => line(`Draft pull request #${body().pullRequest.number} opened`, 'pull')}
      </Match>
    </Switch>
  );
}

/** What was done, a line each, live. */
export function Activity(props: { taskId: string }) {
  // A row that changes stays the one on the screen, with what is open and scrolled in it.
  const [shown, setShown] = createStore<{ rows: ActivityRow[] }>({ rows: [] });
  let rows: ActivityRow[] = [];
  onMount(() =>
    onCleanup(
      openFeed(props.taskId, (events) => {
        rows = addEvents(rows, events);
        setShown('rows', reconcile(rows, { key: 'number' }));
      }),
    ),
  );
  return (
    <div class="flex flex-col gap-1.5">
      <For each={shown.rows} fallback={<p class="px-3 py-6 text-center text-soft">Nothing yet.</p>}>
        {(row) => {
          switch (row.is) {
            case 'tool':
              return <ToolRow row={row} />;
            case 'setup':
              return <SetupRow row={row} />;
            case 'other':
              return <OtherRow row={row} />;
          }
        }}
      </For>
    </div>
  );
}
