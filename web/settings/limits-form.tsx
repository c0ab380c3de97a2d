import { Show } from 'solid-js';
import type { Limits } from '../../protocol/settings.ts';
import { useMainloop } from '../state/context.tsx';
import { isPretended } from '../state/selectors.ts';
import { moneyText } from '../ui/money.ts';
import { dollars } from '../ui/time.tsx';
import { SwitchField } from './choice-field.tsx';
import { type WrittenLimits, readLimits } from './limits.ts';
import { createSaving } from './saving.ts';
import { createTyped } from './typed.ts';

const amountText = (amount: number | null) => (amount === null ? '' : String(amount));

const writtenOf = ({ parallel, taskBudget, dayBudget, waitsForPlan }: Limits): WrittenLimits => ({
  parallel: String(parallel),
  taskBudget: amountText(taskBudget),
  dayBudget: amountText(dayBudget),
  waitsForPlan,
});

/** One of them, kept when one leaves the field; what is wrong stands below it, and is not kept. */
function LimitField(props: {
  name: 'parallel' | 'taskBudget' | 'dayBudget';
  label: string;
  hint: string;
}) {
  const { act, state } = useMainloop();
  const saving = createSaving();
  const typed = createTyped(() => String(writtenOf(state.settings.limits)[props.name]));
  const read = () =>
    readLimits({ ...writtenOf(state.settings.limits), [props.name]: typed.text() });
  const wrong = () => {
    const now = read();
    return now.is === 'wrong' ? now.text : null;
  };
  const save = () => {
    const now = read();
    if (!typed.isTyping() || now.is === 'wrong') return;
    typed.done();
    saving.sent(act({ type: 'change_settings', change: { is: 'limits', limits: now.limits } }));
  };
  const statusId = () => `limit-${props.name}`;
  return (
    <div class="py-1.5 text-sm">
      <label class="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span>
          {props.label} <span class="block text-[0.8125rem] text-soft">{props.hint}</span>
        </span>
        <input
          type="text"
          inputmode="decimal"
          class="field w-28 py-1.5"
          aria-invalid={wrong() !== null}
          aria-describedby={statusId()}
          value={typed.text()}
          onInput={(event) => {
            saving.changed();
            typed.type(event.currentTarget.value);
          }}
          onChange={save}
        />
      </label>
      <p
        id={statusId()}
        role="status"
        class={`text-right text-[0.8125rem] empty:hidden ${wrong() === null ? 'text-soft' : 'text-bad'}`}
      >
        {wrong() ?? saving.words()}
      </p>
    </div>
  );
}

/** How much may happen at once, and how much it may cost. */
export function LimitsForm() {
  const { act, state } = useMainloop();
  return (
    <>
      <Show when={state.spending}>
        {(spending) => (
          <p class="mb-2 text-sm text-soft">
            Spent today (UTC): {moneyText(spending().cost, isPretended(state))}
            <Show when={state.settings.limits.dayBudget}>
              {(budget) => <> of {dollars(budget())}</>}
            </Show>
          </p>
        )}
      </Show>
      <LimitField name="parallel" label="Tasks at once" hint="1 to 50" />
      <LimitField name="taskBudget" label="Budget of one task" hint="In dollars; empty for none" />
      <LimitField name="dayBudget" label="Daily budget" hint="In dollars; empty for none" />
      <SwitchField
        label="When a Claude plan’s limit is reached, wait and go on at its reset"
        isOn={state.settings.limits.waitsForPlan}
        onSave={(waitsForPlan) =>
          act({
            type: 'change_settings',
            change: { is: 'limits', limits: { ...state.settings.limits, waitsForPlan } },
          })
        }
      />
    </>
  );
}
