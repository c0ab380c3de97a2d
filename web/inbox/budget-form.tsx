import { createSignal } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { dollars } from '../ui/time.tsx';

/** The next round amount that leaves room for as much work again. */
function roundedUp(amount: number): number {
  const step = amount < 1 ? 0.01 : amount < 20 ? 1 : 10;
  return Math.round(Math.ceil(amount / step) * step * 100) / 100;
}

/** The money is spent: more of it, or the end. */
export function BudgetForm(props: {
  item: Extract<InboxItem, { kind: 'budget' }>;
  busy: boolean;
  onDecide: () => void;
}) {
  const { act, ask, state } = useMainloop();
  const [limit, setLimit] = createSignal(
    String(roundedUp(Math.max(props.item.limit * 2, props.item.used * 1.2))),
  );
  const isEnough = () => Number(limit()) > props.item.used;
  const raise = () => {
    if (!isEnough()) return;
    props.onDecide();
    const amount = Number(limit());
    if (props.item.scope === 'task') {
      ask(props.item.taskId, { do: 'raise_budget', limit: amount });
    } else {
      const limits = { ...state.settings.limits, dayBudget: amount };
      act({ type: 'change_settings', change: { is: 'limits', limits } });
    }
  };
  return (
    <>
      <p class="mt-2.5 text-sm">
        {props.item.scope === 'task' ? 'This task' : 'All tasks together, today,'} cost{' '}
        {dollars(props.item.used)} of {dollars(props.item.limit)}. It has paused, and its work is
        kept.
      </p>
      <form
        class="mt-3 flex flex-wrap items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          raise();
        }}
      >
        <label class="flex items-center gap-2 text-sm">
          New budget, in dollars
          <input
            type="text"
            inputmode="decimal"
            class="field w-24 py-1.5"
            value={limit()}
            onInput={(event) => setLimit(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button button-main" disabled={props.busy || !isEnough()}>
          Raise budget
        </button>
        <button
          type="button"
          class="button"
          disabled={props.busy}
          onClick={() => {
            props.onDecide();
            ask(props.item.taskId, { do: 'cancel', close: false });
          }}
        >
          Stop task
        </button>
      </form>
    </>
  );
}
