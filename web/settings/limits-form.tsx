import { Show, createEffect, createMemo, createSignal, untrack } from 'solid-js';
import { readLimits } from './limits.ts';
import { createSaving } from './saving.ts';
import { useMainloop } from '../state/context.tsx';
import { dollars } from '../ui/time.tsx';

/** How much may happen at once, and how much it may cost. */
export function LimitsForm() {
  const { act, state } = useMainloop();
  const [parallel, setParallel] = createSignal('');
  const [task, setTask] = createSignal('');
  const [day, setDay] = createSignal('');
  const [waits, setWaits] = createSignal(true);
  const saving = createSaving();
  const [isDirty, setDirty] = createSignal(false);
  // What another device has set shows here too.
  createEffect(() => {
    const { limits } = state.settings;
    // Nothing takes away what is being typed.
    if (untrack(isDirty)) return;
    setParallel(String(limits.parallel));
    setTask(limits.taskBudget === null ? '' : String(limits.taskBudget));
    setDay(limits.dayBudget === null ? '' : String(limits.dayBudget));
    setWaits(limits.waitsForPlan);
  });
  const read = createMemo(() =>
    readLimits({
      parallel: parallel(),
      taskBudget: task(),
      dayBudget: day(),
      waitsForPlan: waits(),
    }),
  );
  const status = () => {
    const now = read();
    if (now.is === 'wrong') return now.text;
    return saving.words();
  };
  const field = (
    label: string,
    value: () => string,
    onInput: (text: string) => void,
    hint: string,
  ) => (
    <label class="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-1.5 text-sm">
      <span>
        {label} <span class="text-soft">{hint}</span>
      </span>
      <input
        type="text"
        inputmode="decimal"
        class="field w-28 py-1.5"
        value={value()}
        onInput={(event) => {
          saving.changed();
          setDirty(true);
          onInput(event.currentTarget.value);
        }}
      />
    </label>
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const now = read();
        if (now.is === 'wrong') return;
        saving.sent(act({ type: 'change_settings', change: { is: 'limits', limits: now.limits } }));
        setDirty(false);
      }}
    >
      <Show when={state.spending}>
        {(spending) => (
          <p class="mb-2 text-sm text-soft">
            Spent today (UTC): {dollars(spending().cost)}
            <Show when={state.settings.limits.dayBudget}>
              {(budget) => <> of {dollars(budget())}</>}
            </Show>
          </p>
        )}
      </Show>
      {field('Tasks at once', parallel, setParallel, '1 to 50')}
      {field('Budget of a task', task, setTask, 'in dollars; empty for none')}
      {field('Budget of a day', day, setDay, 'in dollars; empty for none')}
      <label class="flex min-h-11 items-center gap-2 text-sm">
        <input
          type="checkbox"
          class="size-4 accent-(--accent)"
          checked={waits()}
          onChange={(event) => setWaits(event.currentTarget.checked)}
        />
        When a Claude plan’s limit is reached, wait and go on at its reset
      </label>
      <div class="mt-2 flex items-center gap-3">
        <button type="submit" class="button" disabled={read().is === 'wrong'}>
          Save limits
        </button>
        <span
          role="status"
          class={`min-w-0 text-sm ${read().is === 'wrong' ? 'text-bad' : 'text-soft'}`}
        >
          {status()}
        </span>
      </div>
    </form>
  );
}
