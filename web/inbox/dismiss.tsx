import { Show } from 'solid-js';
import { INBOX_KINDS, type InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import type { Deciding } from './deciding.ts';

/** Puts aside what may be put aside. */
export function Dismiss(props: Deciding & { item: InboxItem }) {
  const { hold } = useMainloop();
  return (
    <Show when={INBOX_KINDS[props.item.kind].canDismiss}>
      <button
        type="button"
        class="button"
        disabled={props.busy !== null}
        onClick={() => {
          hold({ type: 'dismiss', itemId: props.item.id }, `Dismissing ${props.item.title}`);
          props.onDecide();
        }}
      >
        Dismiss
      </button>
    </Show>
  );
}
