import { createSignal } from 'solid-js';
import { useMainloop } from '../state/context.tsx';

/** What has become of a form's last change: it is `Saved` when the server says so, and not before. */
export function createSaving() {
  const { state } = useMainloop();
  const [sent, setSent] = createSignal<string | null>(null);
  return {
    /** Remembers the change by the command's id. */
    sent: (id: string) => void setSent(id),
    /** Something else is written now. */
    changed: () => void setSent(null),
    words: (): string => {
      const id = sent();
      if (id === null) return '';
      if (state.pending.some(({ command }) => command.id === id)) {
        return state.connection === 'Online' ? 'Saving …' : 'Waits for the connection';
      }
      // Why it was refused is said above.
      return state.refusals.some(({ command }) => command?.id === id) ? 'Not saved' : 'Saved';
    },
  };
}
