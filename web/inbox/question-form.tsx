import { For, Show, createEffect, createSignal } from 'solid-js';
import * as z from 'zod/mini';
import { Answer } from '../../protocol/decision.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import { answersFor, choose, missing, write } from '../state/answers.ts';
import { useMainloop } from '../state/context.tsx';

/** What was chosen before the page was left; nothing where there is none. */
function keptDraft(key: string): Answer[] {
  try {
    return z.array(Answer).parse(JSON.parse(sessionStorage.getItem(key) ?? '[]'));
  } catch {
    return [];
  }
}

/** All questions of one item, answered together; until then each answer can be changed. */
export function QuestionForm(props: {
  item: Extract<InboxItem, { kind: 'question' }>;
  busy: boolean;
  onDecide(): void;
}) {
  const { ask } = useMainloop();
  const key = () => `answers:${props.item.questionId}`;
  const [answers, setAnswers] = createSignal(
    answersFor(props.item.questions, keptDraft(`answers:${props.item.questionId}`)),
  );
  createEffect(() => sessionStorage.setItem(key(), JSON.stringify(answers())));
  const change = (place: number, answer: Answer | undefined) => {
    if (answer !== undefined) setAnswers((before) => before.with(place, answer));
  };
  const reasonId = () => `open-${props.item.id}`;
  return (
    <form
      class="mt-3 flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (missing(answers()) !== null || props.busy) return;
        props.onDecide();
        const { taskId, questionId } = props.item;
        ask(taskId, { do: 'answer', questionId, answers: answers() });
      }}
    >
      <For each={props.item.questions}>
        {(question, place) => {
          const answer = () => answers()[place()] ?? { chosen: [], other: '' };
          return (
            <fieldset>
              <legend class="mb-1.5 font-medium [overflow-wrap:anywhere]">
                {question.question}
              </legend>
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
                      <span class="min-w-0 [overflow-wrap:anywhere]">
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
                  aria-label="Other answer"
                  placeholder="Other answer"
                  class="field text-sm"
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
      <div class="flex flex-wrap items-center gap-3">
        <button
          type="submit"
          class="button button-main"
          disabled={missing(answers()) !== null || props.busy}
          aria-describedby={reasonId()}
        >
          Answer
        </button>
        <p id={reasonId()} class="text-sm text-soft">
          {props.busy ? 'Sending …' : missing(answers())}
        </p>
      </div>
    </form>
  );
}
