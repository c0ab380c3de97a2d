import { For, Show, createSignal } from 'solid-js';
import type { Answer } from '../../protocol/decision.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import { answersFor, choose, missing, write } from '../state/answers.ts';
import { useMainloop } from '../state/context.tsx';
import { Bar } from './bar.tsx';
import type { Deciding } from './deciding.ts';
import { draftOf, keepDraft } from './drafts.ts';

/** All questions of one item, answered together; until then each answer can be changed. */
export function QuestionForm(props: Deciding & { item: Extract<InboxItem, { kind: 'question' }> }) {
  const { act } = useMainloop();
  const [answers, setAnswers] = createSignal(
    answersFor(props.item.questions, draftOf(props.item.id)?.answers ?? []),
  );
  const change = (place: number, answer: Answer) => {
    setAnswers((before) => before.with(place, answer));
    keepDraft(props.item.id, { answers: answers(), sentAs: null });
  };
  const reasonId = () => `open-${props.item.id}`;
  return (
    <form
      class="mt-3 flex flex-1 flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (missing(answers()) !== null || props.busy !== null) return;
        const { taskId, questionId } = props.item;
        const command = { do: 'answer', questionId, answers: answers() } as const;
        const id = act({ type: 'task', taskId, command });
        keepDraft(props.item.id, { answers: answers(), sentAs: id });
        props.onDecide();
      }}
    >
      <For each={props.item.questions}>
        {(question, place) => {
          // What a push changes stands below what is asked of it.
          const [asked, ...shown] = question.question.split('\n\n');
          const answer = () => answers()[place()] ?? { chosen: [], other: '' };
          return (
            <fieldset>
              <legend class="mb-1.5 font-medium [overflow-wrap:anywhere]" dir="auto">
                {asked}
              </legend>
              <pre class="pb-2 text-xs whitespace-pre-wrap [overflow-wrap:anywhere] empty:hidden">
                {shown.join('\n\n')}
              </pre>
              <div class="flex flex-col gap-1.5">
                <For each={question.options}>
                  {(option) => (
                    <label class="flex min-h-11 cursor-pointer items-start gap-3 rounded-lg border border-line px-3 py-2.5 has-checked:border-accent has-checked:bg-accent-soft">
                      <input
                        type={question.multiSelect ? 'checkbox' : 'radio'}
                        name={`${props.item.id}-${place()}`}
                        class="mt-1 size-4 shrink-0 accent-(--accent)"
                        checked={answer().chosen.includes(option.label)}
                        onChange={() => change(place(), choose(question, answer(), option.label))}
                        aria-label={option.label}
                      />
                      <span class="min-w-0 [overflow-wrap:anywhere]" dir="auto">
                        <span class="block text-sm font-medium">{option.label}</span>
                        <Show when={option.description}>
                          <span class="block text-sm text-soft">{option.description}</span>
                        </Show>
                      </span>
                    </label>
                  )}
                </For>
                <input
                  type="text"
                  dir="auto"
                  aria-label="Other answer"
                  placeholder="Other answer"
                  class="field"
                  value={answer().other}
                  onInput={(event) =>
                    change(place(), write(question, answer(), event.currentTarget.value))
                  }
                />
              </div>
            </fieldset>
          );
        }}
      </For>
      <Bar words={props.busy}>
        <button
          type="submit"
          class="button button-main"
          disabled={missing(answers()) !== null || props.busy !== null}
          aria-describedby={reasonId()}
        >
          Answer
        </button>
        <p id={reasonId()} class="text-sm text-soft empty:hidden">
          {props.busy === null ? missing(answers()) : null}
        </p>
      </Bar>
    </form>
  );
}
