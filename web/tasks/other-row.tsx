import { Match, Show, Switch } from 'solid-js';
import { equipmentWords } from '../../protocol/equipment-words.ts';
import type { ActivityRow } from '../state/activity.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { later } from '../ui/later.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Ago } from '../ui/time.tsx';
import type { ActivityLog } from './activity-log.ts';
import { Whole } from './whole.tsx';

type Other = Extract<ActivityRow, { is: 'other' }>;
type Body = Other['body'];

const Attached = later(
  async () => (await import('../attachments/attached.tsx')).Attached,
  () => null,
);

/** What a person attached to what they said. */
const attachedTo = (body: Body) => (body.type === 'message' ? body.attachments : undefined);

const textOf = (body: { type: string }): string | null => {
  const text: unknown = Reflect.get(body, 'text');
  return typeof text === 'string' ? text : null;
};

/** A line that says itself, with its shape; null for what has a look of its own. */
function lineOf(body: Body): { text: string; icon: IconName; isBad?: boolean } | null {
  switch (body.type) {
    case 'step':
      return { text: body.text, icon: 'work' };
    case 'status':
      return {
        text: [body.status, body.note].filter(Boolean).join(': '),
        icon: body.status === 'Failed' ? 'alert' : 'clock',
        isBad: body.status === 'Failed',
      };
    case 'equipment':
      return { text: equipmentWords(body, null), icon: 'work' };
    case 'commit':
      return { text: `Commit ${body.commit.slice(0, 7)}: ${body.title}`, icon: 'check' };
    case 'message':
      return { text: `You: ${body.text}`, icon: 'chat' };
    case 'steered':
      return {
        text: body.text === '' ? 'Claude Code was told' : `Claude Code was told: ${body.text}`,
        icon: 'chat',
      };
    case 'question':
      return {
        text: `Asks: ${body.questions.map(({ question }) => question).join(' ')}`,
        icon: 'question',
      };
    case 'decision':
      return { text: body.text, icon: 'check' };
    case 'interrupted':
      return { text: 'Interrupted; the work is kept', icon: 'stop' };
    case 'pull_request':
      return { text: `Draft pull request #${body.pullRequest.number} opened`, icon: 'pull' };
    case 'text':
    case 'plan':
      return null;
  }
}

/** What Claude Code or a person said, and what became of the task. */
export function OtherRow(props: {
  row: Other;
  log: ActivityLog;
  isOpen: boolean;
  onToggle(): void;
}) {
  return (
    <Switch>
      <Match when={props.row.body.type === 'text' && props.row.body}>
        {(body) => (
          <div class="prose px-2 py-1.5 text-sm [overflow-wrap:anywhere]" dir="auto">
            {/* A long one is cut until it is asked for: most of it is read by nobody. */}
            <Show when={props.isOpen} fallback={<Markdown text={body().text} under={1} />}>
              <Whole log={props.log} number={props.row.number} text={body().text} of={textOf}>
                {(text) => <Markdown text={text} under={1} />}
              </Whole>
            </Show>
            <Show when={props.log.isExcerpt(props.row.number) && !props.isOpen}>
              <button type="button" class="button mt-2" onClick={() => props.onToggle()}>
                Show all of it
              </button>
            </Show>
          </div>
        )}
      </Match>
      <Match when={props.row.body.type === 'plan' && props.row.body}>
        {(body) => (
          <div>
            <button
              type="button"
              aria-expanded={props.isOpen}
              class="flex min-h-11 w-full items-center gap-2.5 rounded-lg px-2 text-left text-sm hover:bg-sunken"
              onClick={() => props.onToggle()}
            >
              <Icon name="plan" class="size-4 shrink-0" />
              <span class="font-semibold">Presents a plan</span>
            </button>
            <Show when={props.isOpen}>
              <div class="prose pt-1 pb-3 pl-8 text-sm [overflow-wrap:anywhere]" dir="auto">
                <Whole log={props.log} number={props.row.number} text={body().text} of={textOf}>
                  {(text) => <Markdown text={text} under={1} />}
                </Whole>
              </div>
            </Show>
          </div>
        )}
      </Match>
      <Match when={lineOf(props.row.body)}>
        {(line) => (
          <>
            <p
              class={`flex items-start gap-2.5 px-2 py-1 text-sm ${line().isBad === true ? 'font-medium text-bad' : 'text-soft'}`}
            >
              <Icon name={line().icon} class="mt-0.5 size-4 shrink-0" />
              <span class="min-w-0 flex-1 whitespace-pre-line [overflow-wrap:anywhere]" dir="auto">
                {line().text}
              </span>
              <Ago at={props.row.at} class="shrink-0 text-xs" />
            </p>
            <Show when={attachedTo(props.row.body)}>
              {(files) => (
                <div class="ps-8 pb-2">
                  <Attached files={files()} />
                </div>
              )}
            </Show>
          </>
        )}
      </Match>
    </Switch>
  );
}
