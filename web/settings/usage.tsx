import { For, Show, createEffect, createMemo, createSignal } from 'solid-js';
import type { SpentAnswer } from '../../protocol/pages.ts';
import { fetchSpent } from '../net/usage.ts';
import { useMainloop } from '../state/context.tsx';
import { isPretended } from '../state/selectors.ts';
import { type Sum, byDay, modelOf, repositoryOf, summed, total } from '../state/spent.ts';
import { locale } from '../ui/locale.ts';
import { costText, dollars } from '../ui/time.tsx';

const SPANS = [7, 30, 90] as const;
/** In the drawing's own units: it is stretched to the width that there is. */
const BAR = 10;
const HEIGHT = 100;

const dayText = (day: string) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString(locale(), {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });

/** The same as a table, for whoever cannot see the drawing, or wants its figures. */
function Figures(props: { of: string; sums: readonly Sum[]; nameOf: (name: string) => string }) {
  return (
    <details class="text-sm">
      <summary class="folds">As a table</summary>
      <table class="w-full max-w-md tabular-nums">
        <thead class="text-left text-soft">
          <tr>
            <th scope="col" class="font-normal">
              {props.of}
            </th>
            <th scope="col" class="text-right font-normal">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.sums}>
            {({ name, cost }) => (
              <tr>
                <th scope="row" class="py-1 text-left font-normal [overflow-wrap:anywhere]">
                  {props.nameOf(name)}
                </th>
                <td class="py-1 text-right">{dollars(cost)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </details>
  );
}

/** A bar a day. */
function Days(props: { days: readonly Sum[] }) {
  const most = () => Math.max(...props.days.map(({ cost }) => cost), 0);
  const dearest = () => props.days.find(({ cost }) => cost === most());
  const height = (cost: number) => (most() === 0 ? 0 : (cost / most()) * HEIGHT);
  return (
    <section aria-label="By day">
      <h3 class="mb-2 text-sm font-semibold">By day</h3>
      <svg
        role="img"
        aria-label={`Cost by day; most on ${dayText(dearest()?.name ?? '')}: ${dollars(most())}`}
        viewBox={`0 0 ${props.days.length * BAR} ${HEIGHT}`}
        preserveAspectRatio="none"
        class="block h-32 w-full border-b border-line"
      >
        <For each={props.days}>
          {({ name, cost }, at) => (
            <rect
              x={at() * BAR + 1}
              y={HEIGHT - height(cost)}
              width={BAR - 2}
              height={height(cost)}
              fill="var(--accent-fill)"
            >
              <title>{`${dayText(name)}: ${dollars(cost)}`}</title>
            </rect>
          )}
        </For>
      </svg>
      <p class="flex justify-between text-[0.8125rem] text-soft" aria-hidden="true">
        <span>{dayText(props.days[0]?.name ?? '')}</span>
        <span>
          most: {dollars(most())} on {dayText(dearest()?.name ?? '')}
        </span>
        <span>{dayText(props.days.at(-1)?.name ?? '')}</span>
      </p>
      <Figures
        of="Day (UTC)"
        sums={props.days.filter(({ cost }) => cost > 0).toReversed()}
        nameOf={(day) => dayText(day)}
      />
    </section>
  );
}

/** What each had of the whole: its name, its bar and its figure say the same. */
function Shares(props: { title: string; sums: readonly Sum[] }) {
  const most = () => Math.max(...props.sums.map(({ cost }) => cost), 0);
  return (
    <section class="mt-6" aria-label={props.title}>
      <h3 class="mb-2 text-sm font-semibold">{props.title}</h3>
      <ul class="flex flex-col gap-2 text-sm">
        <For each={props.sums}>
          {({ name, cost }) => (
            <li>
              <span class="flex justify-between gap-3">
                <span class="min-w-0 [overflow-wrap:anywhere]">{name}</span>
                <span class="shrink-0 tabular-nums">{costText(cost)}</span>
              </span>
              <svg aria-hidden="true" class="block h-2 w-full">
                <rect
                  width={`${most() === 0 ? 0 : Math.max(0.5, (cost / most()) * 100)}%`}
                  height="100%"
                  rx="2"
                  fill="var(--accent-fill)"
                />
              </svg>
            </li>
          )}
        </For>
      </ul>
    </section>
  );
}

/** What was spent, by day, model and repository. */
export function Usage() {
  const { state } = useMainloop();
  const [days, setDays] = createSignal<number>(30);
  const [answer, setAnswer] = createSignal<SpentAnswer | null>(null);
  const [isAway, setAway] = createSignal(false);
  const load = async (wanted: number) => {
    const found = await fetchSpent(wanted);
    // Another span was chosen meanwhile.
    if (days() !== wanted) return;
    setAway(found === null);
    if (found !== null) setAnswer(found);
  };
  createEffect(() => {
    // Asked again whenever something was spent.
    if ((state.spending?.cost ?? 0) >= 0) void load(days());
  });
  const sums = createMemo(() => byDay(answer() ?? { today: '1970-01-01', rows: [] }, days()));
  return (
    <>
      <label class="mb-4 flex items-center gap-2 text-sm">
        The last
        <select
          class="field w-auto py-1.5"
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        >
          <For each={SPANS}>
            {(span) => (
              <option value={span} selected={span === days()}>
                {span} days
              </option>
            )}
          </For>
        </select>
      </label>
      <Show when={isAway()}>
        <p role="status" class="mb-4 text-sm text-soft">
          Mainloop does not answer now. It is asked again when something was spent, or another span
          is chosen.
        </p>
      </Show>
      <Show
        when={answer()}
        fallback={<Show when={!isAway()}>{<p class="text-sm text-soft">Loading …</p>}</Show>}
      >
        {(spent) => (
          <Show
            when={spent().rows.length > 0}
            fallback={<p class="py-6 text-center text-soft">Nothing was spent in these days.</p>}
          >
            <p class="mb-4">
              <span class="text-xl font-semibold">{dollars(total(spent().rows))}</span>{' '}
              <span class="text-sm text-soft">in {days()} days</span>
            </p>
            <Show when={isPretended(state)}>
              <p class="mb-4 text-sm text-soft">
                These dollars are pretended: a stand-in answers in place of the models, and costs
                nothing.
              </p>
            </Show>
            <Days days={sums()} />
            <Shares title="By model" sums={summed(spent().rows, modelOf)} />
            <Shares title="By repository" sums={summed(spent().rows, repositoryOf)} />
            <p class="mt-4 text-[0.8125rem] text-soft">
              Tasks count for the model that they have now; days are those of UTC.
            </p>
          </Show>
        )}
      </Show>
    </>
  );
}
