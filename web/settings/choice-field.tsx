import { For, createUniqueId } from 'solid-js';
import { createSaving } from './saving.ts';

/** One thing of a few, which is kept as soon as it is chosen, and says when it was. */
export function ChoiceField(props: {
  label: string;
  hint?: string;
  value: string;
  options: readonly { value: string; label: string }[];
  /** @returns the id of the command. */
  onSave: (value: string) => string;
}) {
  const saving = createSaving();
  const id = createUniqueId();
  return (
    <div class="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-1 text-sm">
      <div class="min-w-0 [overflow-wrap:anywhere]">
        <label for={id}>{props.label}</label>
        <p id={`${id}-hint`} class="text-[0.8125rem] text-soft empty:hidden">
          {props.hint}
        </p>
      </div>
      <div class="ml-auto flex max-w-full items-center gap-2">
        <span role="status" class="text-[0.8125rem] text-soft">
          {saving.words()}
        </span>
        <select
          id={id}
          aria-describedby={`${id}-hint`}
          class="field w-auto max-w-60 min-w-0 py-1.5"
          onChange={(event) => saving.sent(props.onSave(event.currentTarget.value))}
        >
          <For each={props.options}>
            {(option) => (
              <option value={option.value} selected={option.value === props.value}>
                {option.label}
              </option>
            )}
          </For>
        </select>
      </div>
    </div>
  );
}

/** Something that is so or not, kept at once. */
export function SwitchField(props: {
  label: string;
  hint?: string;
  isOn: boolean;
  /** @returns the id of the command. */
  onSave: (isOn: boolean) => string;
}) {
  const saving = createSaving();
  const id = createUniqueId();
  return (
    <div class="flex min-h-11 flex-wrap items-center gap-x-3 text-sm">
      <label class="flex min-h-11 items-center gap-2">
        <input
          type="checkbox"
          aria-describedby={`${id}-hint`}
          class="size-5 accent-(--accent)"
          checked={props.isOn}
          onChange={(event) => saving.sent(props.onSave(event.currentTarget.checked))}
        />
        {props.label}
      </label>
      <span role="status" class="text-[0.8125rem] text-soft">
        {saving.words()}
      </span>
      <p id={`${id}-hint`} class="basis-full text-[0.8125rem] text-soft empty:hidden">
        {props.hint}
      </p>
    </div>
  );
}
