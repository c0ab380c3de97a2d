import { DropdownMenu } from '@kobalte/core/dropdown-menu';
import { For, Show } from 'solid-js';
import { WorkerModel } from '../../protocol/model.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { STATUS } from '../../protocol/task-status.ts';
import { useMainloop } from '../state/context.tsx';
import { turnOf } from '../state/selectors.ts';
import { Icon } from '../ui/icons.tsx';
import type { MainAction } from './main-action.ts';

const ITEM =
  'flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-3 text-sm outline-none data-highlighted:bg-sunken data-highlighted:outline-2 data-highlighted:-outline-offset-2 data-highlighted:outline-accent';

/** What else can be done about a task, beside its main action. */
export function TaskMenu(props: {
  task: TaskSummary;
  main: MainAction['is'] | null;
  onDetails(): void;
  /** The button that opens it. */
  ref(button: HTMLElement): void;
}) {
  const { act, ask, hold, state } = useMainloop();
  const can = () => STATUS[props.task.status];
  const cancel = (close: boolean) => {
    const command = { do: 'cancel', close } as const;
    hold({ type: 'task', taskId: props.task.id, command }, `Cancelling ${props.task.title}`);
  };
  const isBehind = () => (turnOf(state, props.task.id)?.position ?? 1) > 1;
  return (
    <DropdownMenu placement="bottom-end" gutter={4} modal={false}>
      <DropdownMenu.Trigger
        ref={(button: HTMLElement) => props.ref(button)}
        class="button size-11 shrink-0 px-0"
        aria-label="More"
      >
        <Icon name="more" />
      </DropdownMenu.Trigger>
      {/* Inside the page's main part: what hangs beside all landmarks is not found by them. */}
      <DropdownMenu.Portal mount={document.querySelector('main') ?? document.body}>
        <DropdownMenu.Content
          aria-label="More about this task"
          class="z-30 max-h-[var(--kb-popper-content-available-height)] w-64 max-w-[calc(100vw-1rem)] overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-lg outline-none"
        >
          <DropdownMenu.Item class={ITEM} onSelect={() => props.onDetails()}>
            Details
          </DropdownMenu.Item>
          <Show when={can().canInterrupt}>
            <DropdownMenu.Item
              class={ITEM}
              onSelect={() => ask(props.task.id, { do: 'interrupt' })}
            >
              Interrupt
            </DropdownMenu.Item>
          </Show>
          <Show when={isBehind()}>
            <DropdownMenu.Item
              class={ITEM}
              onSelect={() => act({ type: 'move_task', taskId: props.task.id, position: 1 })}
            >
              Move to the front
            </DropdownMenu.Item>
          </Show>
          <Show when={can().canRetry}>
            <DropdownMenu.Item
              class={ITEM}
              onSelect={() => ask(props.task.id, { do: 'retry', from: 'scratch' })}
            >
              Restart
            </DropdownMenu.Item>
          </Show>
          <Show when={!can().isEnded && props.main !== 'cancel'}>
            <DropdownMenu.Item class={ITEM} onSelect={() => cancel(false)}>
              Cancel task
            </DropdownMenu.Item>
          </Show>
          <Show when={!can().isEnded && (props.task.pullRequest ?? props.task.issue)}>
            <DropdownMenu.Item class={ITEM} onSelect={() => cancel(true)}>
              Cancel and close {props.task.pullRequest === null ? 'its issue' : 'its pull request'}
            </DropdownMenu.Item>
          </Show>
          <DropdownMenu.Separator class="my-1 border-line" />
          <DropdownMenu.Group>
            <DropdownMenu.GroupLabel class="px-3 py-1 text-[0.8125rem] text-soft">
              Model for its next turn
            </DropdownMenu.GroupLabel>
            <DropdownMenu.RadioGroup
              value={props.task.model}
              onChange={(value) => {
                const model = WorkerModel.safeParse(value);
                if (!model.success || model.data === props.task.model) return;
                ask(props.task.id, { do: 'set_model', model: model.data });
              }}
            >
              <For each={WorkerModel.options}>
                {(model) => (
                  <DropdownMenu.RadioItem value={model} class={ITEM}>
                    <span class="flex size-4 items-center">
                      <DropdownMenu.ItemIndicator>
                        <Icon name="check" class="size-4" />
                      </DropdownMenu.ItemIndicator>
                    </span>
                    {model}
                  </DropdownMenu.RadioItem>
                )}
              </For>
            </DropdownMenu.RadioGroup>
          </DropdownMenu.Group>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}
