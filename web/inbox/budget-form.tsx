import { createSignal } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { isPretended } from '../state/selectors.ts';
import { moneyText } from '../ui/money.ts';
import { dollars } from '../ui/time.tsx';
import { Bar } from './bar.tsx';
import { suggestedBudget } from './budget.ts';
import type { Deciding } from './deciding.ts';

/** The money is spent: more of it, or the end. */
export function BudgetForm(props: Deciding & { item: Extract<InboxItem, { kind: 'budget' }> }) {
  const { act, ask, hold, state } = useMainloop();
  const [limit, setLimit] = createSignal(suggestedBudget(props.item).toFixed(2));
  const isEnough = () => Number(limit()) > props.item.used;
  const raise = () => {
    if (!isEnough() || props.busy !== null) return;
    const amount = Number(limit());
    if (props.item.scope === 'task') {
      ask(props.item.taskId, { do: 'raise_budget', limit: amount });
    } else {
      const limits = { ...state.settings.limits, dayBudget: amount };
      act({ type: 'change_settings', change: { is: 'limits', limits } });
    }
    props.onDecide();
  };
  const whose = () =>
    props.item.scope === 'task' ? 'This task has cost' : 'All tasks together have cost';
  return (
    <form
      class="flex flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        raise();
      }}
    >
      <p class="mt-2.5 text-sm">
        {whose()} {moneyText(props.item.used, isPretended(state))}
        {props.item.scope === 'day' ? ' today' : ''}, and may cost {dollars(props.item.limit)}. It
        has paused; its work is kept, and it goes on where it stopped.
      </p>
      <label class="my-3 flex items-center gap-2 text-sm">
        New budget, in dollars
        <input
          type="text"
          inputmode="decimal"
          class="field w-28 py-2"
          value={limit()}
          aria-describedby={`least-${props.item.id}`}
          onInput={(event) => setLimit(event.currentTarget.value)}
        />
        <span id={`least-${props.item.id}`} class="text-soft">
          {isEnough() ? '' : `More than ${dollars(props.item.used)}`}
        </span>
      </label>
      <Bar words={props.busy}>
        <button
          type="submit"
          class="button button-main"
          disabled={props.busy !== null || !isEnough()}
        >
          Raise budget
        </button>
        <button
          type="button"
          class="button"
          disabled={props.busy !== null}
          onClick={() => {
            const command = { do: 'cancel', close: false } as const;
            hold(
              { type: 'task', taskId: props.item.taskId, command },
              `Stopping ${props.item.title}`,
            );
            props.onDecide();
          }}
        >
          Stop task
        </button>
      </Bar>
    </form>
  );
}
