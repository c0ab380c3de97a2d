import { A } from '@solidjs/router';
import { Match, Switch } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { Bar } from './bar.tsx';
import { BudgetForm } from './budget-form.tsx';
import type { Deciding } from './deciding.ts';
import { Dismiss } from './dismiss.tsx';
import { PlanForm } from './plan-form.tsx';
import { QuestionForm } from './question-form.tsx';
import { ReviewCard } from './review-card.tsx';
import { WordForm } from './word-form.tsx';

/** What can be done about an item, by its kind. */
export function Settle(props: Deciding & { item: InboxItem }) {
  const deciding = {
    get busy() {
      return props.busy;
    },
    onDecide: () => props.onDecide(),
    onKeepFocus: () => props.onKeepFocus(),
  };
  return (
    <Switch>
      <Match when={props.item.kind === 'question' && props.item}>
        {(item) => <QuestionForm item={item()} {...deciding} />}
      </Match>
      <Match when={props.item.kind === 'plan' && props.item}>
        {(item) => <PlanForm item={item()} {...deciding} />}
      </Match>
      <Match when={props.item.kind === 'review' && props.item}>
        {(item) => <ReviewCard item={item()} {...deciding} />}
      </Match>
      <Match when={props.item.kind === 'budget' && props.item}>
        {(item) => <BudgetForm item={item()} {...deciding} />}
      </Match>
      <Match when={props.item.kind === 'word' && props.item}>
        {(item) => <WordForm item={item()} {...deciding} />}
      </Match>
      <Match when={props.item.kind === 'failure' && props.item}>
        {(item) => <Failure item={item()} {...deciding} />}
      </Match>
      <Match when={props.item.kind === 'alert' && props.item}>
        {(item) => (
          <>
            <p class="my-2.5 text-sm [overflow-wrap:anywhere]">{item().text}</p>
            <Bar words={props.busy}>
              <A class="button button-main" href="/settings/connections">
                Open connections
              </A>
              <Dismiss item={item()} {...deciding} />
            </Bar>
          </>
        )}
      </Match>
    </Switch>
  );
}

/** Why a task failed, and the two ways to try again. */
function Failure(props: Deciding & { item: Extract<InboxItem, { kind: 'failure' }> }) {
  const { ask, hold, state } = useMainloop();
  const base = () => state.tasks[props.item.taskId]?.baseBranch ?? 'its base branch';
  return (
    <>
      <p class="mt-2.5 [overflow-wrap:anywhere]">{props.item.reason}</p>
      <dl class="my-3 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-sm text-soft">
        <dt class="font-medium text-text">Retry</dt>
        <dd>goes on from where it last kept its work.</dd>
        <dt class="font-medium text-text">Restart</dt>
        <dd>begins again at {base()}, as if it had never begun. What it had done is given up.</dd>
      </dl>
      <A
        href={`/tasks/${props.item.taskId}`}
        class="flex min-h-11 items-center self-start text-sm font-medium text-accent hover:underline"
      >
        What it did until then
      </A>
      <Bar words={props.busy}>
        <button
          type="button"
          class="button button-main"
          disabled={props.busy !== null}
          onClick={() => {
            ask(props.item.taskId, { do: 'retry', from: 'checkpoint' });
            props.onDecide();
          }}
        >
          Retry
        </button>
        <button
          type="button"
          class="button"
          disabled={props.busy !== null}
          onClick={() => {
            const command = { do: 'retry', from: 'scratch' } as const;
            const { taskId, title } = props.item;
            hold({ type: 'task', taskId, command }, `Restarting ${title}`);
            props.onDecide();
          }}
        >
          Restart
        </button>
        <Dismiss {...props} />
      </Bar>
    </>
  );
}
