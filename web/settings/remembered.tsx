import { useMainloop } from '../state/context.tsx';
import { MemoryForm } from './memory-form.tsx';
import { InstructionsField } from './repository-form.tsx';

/** What the conversation and its workers keep in mind. */
export function Remembered() {
  const { act, state } = useMainloop();
  return (
    <>
      <InstructionsField
        label="What the conversation and every worker should know"
        value={state.settings.instructions}
        onSave={(text) => act({ type: 'change_settings', change: { is: 'instructions', text } })}
      />
      <h3 class="mt-4 mb-1 text-sm font-semibold">Notes</h3>
      <MemoryForm />
    </>
  );
}
