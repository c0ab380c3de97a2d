import { For, Show } from 'solid-js';
import { WorkerModel } from '../../protocol/model.ts';
import { DEFAULT_REPOSITORY_SETTINGS } from '../../protocol/settings.ts';
import { useMainloop } from '../state/context.tsx';
import { ChoiceField } from './choice-field.tsx';

const MODELS: Record<WorkerModel, string> = {
  opus: 'Opus, the most capable',
  sonnet: 'Sonnet, faster and cheaper',
  haiku: 'Haiku, the fastest and cheapest',
};
const OPTIONS = WorkerModel.options.map((value) => ({ value, label: MODELS[value] }));
const DEFAULT = 'default';

/** Which model works, for all tasks and for those of a repository. */
export function Models() {
  const { act, state } = useMainloop();
  const change = (repository: string, value: string) => {
    const model = WorkerModel.safeParse(value).data ?? null;
    const known = state.settings.repositories[repository] ?? DEFAULT_REPOSITORY_SETTINGS;
    return act({
      type: 'change_settings',
      change: { is: 'repository', repository, settings: { ...known, model } },
    });
  };
  return (
    <>
      <ChoiceField
        label="Default model"
        hint="For tasks where nobody asks for another."
        value={state.settings.model}
        options={OPTIONS}
        onSave={(value) => {
          const model = WorkerModel.parse(value);
          return act({ type: 'change_settings', change: { is: 'model', model } });
        }}
      />
      <Show when={state.repositories.length > 0}>
        <h3 class="mt-4 mb-1 text-sm font-semibold">By repository</h3>
        <For each={state.repositories}>
          {({ name }) => (
            <ChoiceField
              label={name}
              value={state.settings.repositories[name]?.model ?? DEFAULT}
              options={[{ value: DEFAULT, label: 'The default model' }, ...OPTIONS]}
              onSave={(value) => change(name, value)}
            />
          )}
        </For>
      </Show>
      <p class="mt-4 text-sm text-soft">
        The conversation itself is held by a small, fast model. What a task is given on its page
        holds from its next turn.
      </p>
    </>
  );
}
