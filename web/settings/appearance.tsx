import { For } from 'solid-js';
import { LOCALES, chooseLocale, exactText, locale, numberText } from '../ui/locale.ts';
import { chooseDensity, chooseTheme, density, theme } from '../ui/theme.ts';
import { now } from '../ui/time.tsx';

const THEMES = [
  { value: '', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;
const DENSITIES = [
  { value: '', label: 'Comfortable' },
  { value: 'compact', label: 'Compact' },
] as const;

function Choices<Value extends string>(props: {
  legend: string;
  name: string;
  options: readonly { value: Value; label: string }[];
  chosen: Value;
  onChoose(value: Value): void;
}) {
  return (
    <fieldset class="mb-4">
      <legend class="mb-1.5 text-sm">{props.legend}</legend>
      <div class="flex flex-wrap gap-2">
        <For each={props.options}>
          {({ value, label }) => (
            <label class="button has-checked:border-accent has-checked:text-accent">
              <input
                type="radio"
                name={props.name}
                class="accent-accent-fill"
                checked={props.chosen === value}
                onChange={() => props.onChoose(value)}
              />
              {label}
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}

/** How it looks on this device. */
export function Appearance() {
  return (
    <>
      <Choices
        legend="Colours"
        name="theme"
        options={THEMES}
        chosen={theme()}
        onChoose={chooseTheme}
      />
      <Choices
        legend="Rows"
        name="density"
        options={DENSITIES}
        chosen={density()}
        onChoose={chooseDensity}
      />
      <label class="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-sm">
        <span>
          Dates and numbers
          <span class="block text-[0.8125rem] text-soft">
            {exactText(now())} · {numberText(1_234_567.8)}
          </span>
        </span>
        <select
          class="field w-auto max-w-full min-w-0 py-1.5"
          onChange={(event) => chooseLocale(event.currentTarget.value || undefined)}
        >
          <option value="" selected={locale() === undefined}>
            As the browser has them
          </option>
          <For each={LOCALES}>
            {({ tag, name }) => (
              <option value={tag} selected={tag === locale()}>
                {name}
              </option>
            )}
          </For>
        </select>
      </label>
      <p class="mt-4 text-sm text-soft">All of this is kept on this device only.</p>
    </>
  );
}
