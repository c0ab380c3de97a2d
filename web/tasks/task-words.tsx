import { For, Show, createSignal } from 'solid-js';
import type { Attachment } from '../../protocol/attachment.ts';
import type { QueuedMessage, TaskSummary } from '../../protocol/task.ts';
import { STATUS } from '../../protocol/task-status.ts';
import { useMainloop } from '../state/context.tsx';
import { MessageBox } from '../attachments/message-box.tsx';
import { NotSent, createUnsent } from '../attachments/not-sent.tsx';
import { Icon } from '../ui/icons.tsx';

/** The queue with the message at `from` one place further up or down. */
function moved(queued: readonly QueuedMessage[], from: number, by: -1 | 1): QueuedMessage[] {
  const message = queued[from];
  if (message === undefined) return [...queued];
  return queued.toSpliced(from, 1).toSpliced(from + by, 0, message);
}

const namesOf = (files: readonly Attachment[]) => files.map(({ name }) => name).join(', ');

/** Words that wait for the worker's next turn: to be changed, put in order, or taken back. */
function Queue(props: { task: TaskSummary }) {
  const { ask } = useMainloop();
  const arrange = (messages: readonly QueuedMessage[]) =>
    ask(props.task.id, { do: 'arrange_queue', messages: [...messages] });
  const last = () => props.task.queued.length - 1;
  return (
    <section aria-label="For the next turn" class="mb-2">
      <h2 class="mb-1 text-xs font-semibold text-soft">For the next turn</h2>
      <ol class="flex flex-col gap-1.5">
        <For each={props.task.queued}>
          {(message, place) => (
            <li class="flex items-center gap-1">
              <input
                type="text"
                aria-label={`Message ${place() + 1}`}
                class="field min-h-11 flex-1 py-1.5 text-sm"
                value={message.text}
                onChange={(event) => {
                  const text = event.currentTarget.value;
                  if (text.trim() === '' && message.attachments === undefined)
                    event.currentTarget.value = message.text;
                  else arrange(props.task.queued.with(place(), { ...message, text }));
                }}
              />
              <Show when={message.attachments}>
                {(files) => (
                  <span class="max-w-24 truncate text-xs text-soft" title={namesOf(files())}>
                    {namesOf(files())}
                  </span>
                )}
              </Show>
              <button
                type="button"
                aria-label={`Move message ${place() + 1} up`}
                class="button size-11 shrink-0 px-0"
                disabled={place() === 0}
                onClick={() => arrange(moved(props.task.queued, place(), -1))}
              >
                <Icon name="send" class="size-4" />
              </button>
              <button
                type="button"
                aria-label={`Move message ${place() + 1} down`}
                class="button size-11 shrink-0 px-0"
                disabled={place() === last()}
                onClick={() => arrange(moved(props.task.queued, place(), 1))}
              >
                <Icon name="down" class="size-4" />
              </button>
              <button
                type="button"
                aria-label={`Take message ${place() + 1} back`}
                class="button size-11 shrink-0 px-0"
                onClick={() => arrange(props.task.queued.toSpliced(place(), 1))}
              >
                <Icon name="cross" class="size-4" />
              </button>
            </li>
          )}
        </For>
      </ol>
    </section>
  );
}

/** What to write, by what becomes of it. */
const PLACEHOLDERS = {
  steers: 'Message this task',
  waits: 'For its next turn',
  follows_up: 'Follow up',
} as const;

/** A word to the task: now, for its next turn, or as a follow-up when it has ended. */
export function TaskWords(props: { task: TaskSummary }) {
  const { ask } = useMainloop();
  const [when, setWhen] = createSignal<'now' | 'later'>('now');
  const becomes = () => STATUS[props.task.status].message;
  const chooses = () => becomes() === 'steers';
  const { refused, restored, edit } = createUnsent(() => props.task.id);
  return (
    <div class="border-t border-line">
      <div class="mx-auto w-full max-w-3xl px-4 py-3">
        <Show when={props.task.queued.length > 0}>
          <Queue task={props.task} />
        </Show>
        <Show when={chooses()}>
          <fieldset class="mb-2 flex items-center gap-4 text-sm">
            <legend class="sr-only">When</legend>
            <For each={[['now', 'Now'] as const, ['later', 'Next turn'] as const]}>
              {([value, words]) => (
                <label class="flex min-h-8 items-center gap-2">
                  <input
                    type="radio"
                    name="when"
                    class="size-4 accent-(--accent)"
                    checked={when() === value}
                    onChange={() => setWhen(value)}
                  />
                  {words}
                </label>
              )}
            </For>
          </fieldset>
        </Show>
        <NotSent refused={refused()} onEdit={edit} />
        <MessageBox
          label="Message this task"
          placeholder={PLACEHOLDERS[becomes()]}
          place={props.task.id}
          restored={restored()}
          onSend={(text, attachments) =>
            ask(props.task.id, {
              do: 'message',
              text,
              when: chooses() ? when() : 'now',
              ...(attachments.length > 0 && { attachments }),
            })
          }
        />
      </div>
    </div>
  );
}
