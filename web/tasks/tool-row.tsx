import { Show } from 'solid-js';
import { type ActivityRow, failureOf, lastLine } from '../state/activity.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { numberText } from '../ui/locale.ts';
import { spanText } from '../ui/time.tsx';
import type { ActivityLog } from './activity-log.ts';
import { Whole } from './whole.tsx';

type Tool = Extract<ActivityRow, { is: 'tool' }>;

/** Shorter than this, how long it took is of no interest. */
const SPAN_FROM_MS = 1_000;

const STATES: Record<
  'runs' | 'done' | 'failed' | 'refused',
  { icon: IconName; colour: string; words: string }
> = {
  runs: { icon: 'work', colour: 'text-accent', words: 'Under way' },
  done: { icon: 'check', colour: 'text-soft', words: '' },
  failed: { icon: 'alert', colour: 'text-bad', words: 'Failed' },
  refused: { icon: 'stop', colour: 'text-warn', words: 'Refused' },
};

function stateOf({ result }: Tool): keyof typeof STATES {
  return result === null ? 'runs' : (failureOf(result) ?? 'done');
}

function Text(props: { label: string; text: string }) {
  return (
    <pre
      tabindex="0"
      role="group"
      aria-label={props.label}
      class="max-h-96 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs"
    >
      {props.text}
    </pre>
  );
}

/** The input as it is read: a command by itself, all else as JSON with its lines. */
function inputText(input: string): string {
  try {
    const read: unknown = JSON.parse(input);
    const command: unknown =
      typeof read === 'object' && read !== null ? Reflect.get(read, 'command') : null;
    return typeof command === 'string' ? command : JSON.stringify(read, null, 2);
  } catch {
    // Cut when it was reported.
    return input;
  }
}

/** A tool's call: a line, which opens to what it was given and what it answered. */
export function ToolRow(props: {
  row: Tool;
  log: ActivityLog;
  isOpen: boolean;
  onToggle(): void;
  /** Lines that its sub-agent has below it; 0 where it is none. */
  steps: number;
  showsSteps: boolean;
  onSteps(): void;
}) {
  const state = () => STATES[stateOf(props.row)];
  const took = () => {
    const { result } = props.row;
    const ms = result === null ? 0 : result.at - props.row.at;
    return ms >= SPAN_FROM_MS ? spanText(ms) : '';
  };
  const said = () => {
    const { result } = props.row;
    return result !== null && failureOf(result) !== null ? lastLine(result.body.output) : '';
  };
  return (
    <div>
      <div class="flex items-stretch">
        <button
          type="button"
          aria-expanded={props.isOpen}
          class="flex min-h-11 w-full min-w-0 flex-1 items-center gap-2.5 rounded-lg px-2 py-1 text-left text-sm hover:bg-sunken"
          onClick={() => props.onToggle()}
        >
          <span
            class={`shrink-0 ${state().colour}`}
            classList={{ pulse: props.row.result === null }}
          >
            <Icon name={state().icon} class="size-4" />
          </span>
          <span class="min-w-0 flex-1">
            <span class="flex items-baseline gap-2">
              <Show when={state().words}>
                {(words) => (
                  <span class={`shrink-0 text-[0.8125rem] font-semibold ${state().colour}`}>
                    {words()}
                  </span>
                )}
              </Show>
              <span class="shrink-0 font-medium">{props.row.call.tool}</span>
              <span class="min-w-0 truncate font-mono text-xs text-soft" dir="ltr">
                {props.row.call.title}
              </span>
            </span>
            <Show when={said()}>
              {(line) => (
                <span class="block truncate font-mono text-xs text-soft" dir="auto">
                  {line()}
                </span>
              )}
            </Show>
          </span>
          <Show when={took()}>
            {(span) => <span class="shrink-0 text-xs text-soft">{span()}</span>}
          </Show>
        </button>
        <Show when={props.steps > 0}>
          <button
            type="button"
            aria-expanded={props.showsSteps}
            class="flex min-h-11 shrink-0 items-center gap-1 rounded-lg px-2 text-[0.8125rem] text-accent hover:bg-sunken"
            onClick={() => props.onSteps()}
          >
            <Icon name={props.showsSteps ? 'down_small' : 'right_small'} class="size-4" />
            {props.steps === 1 ? '1 step' : `${numberText(props.steps)} steps`}
          </button>
        </Show>
      </div>
      <Show when={props.isOpen}>
        <div class="flex flex-col gap-2 pt-1 pb-3 pl-8">
          <Whole
            log={props.log}
            number={props.row.number}
            text={props.row.call.input}
            of={(body) => (body.type === 'tool_call' ? body.input : null)}
          >
            {(text) => <Text label="What it was given" text={inputText(text)} />}
          </Whole>
          <Show when={props.row.result} fallback={<p class="text-sm text-soft">No answer yet.</p>}>
            {(result) => (
              <Whole
                log={props.log}
                number={result().number}
                text={result().body.output}
                of={(body) => (body.type === 'tool_result' ? body.output : null)}
              >
                {(text) => (
                  <>
                    <Text label="What it answered" text={text || 'Nothing.'} />
                    <Show when={result().body.truncated}>
                      <p class="text-[0.8125rem] text-soft">
                        It answered more than is kept: its beginning and its end stand here.
                      </p>
                    </Show>
                  </>
                )}
              </Whole>
            )}
          </Show>
        </div>
      </Show>
    </div>
  );
}
