import type { ParentProps } from 'solid-js';

/** What can be done about the opened item: at the foot of it, and in sight however long it is. */
export function Bar(props: ParentProps<{ words: string | null }>) {
  return (
    <div class="action-bar -mx-4 mt-auto flex flex-wrap items-center gap-2 border-t border-line bg-raised px-4 py-2">
      {props.children}
      <p role="status" class="text-sm text-soft empty:hidden">
        {props.words}
      </p>
    </div>
  );
}
