import type { ParentProps } from 'solid-js';

/** A place with a heading that scrolls as a whole; what is positioned in it scrolls along. */
export function Page(props: ParentProps<{ title: string }>) {
  return (
    <div class="relative min-h-0 flex-1 overflow-y-auto">
      <div class="mx-auto w-full max-w-3xl px-4 py-6">
        <h1 tabindex="-1" class="mb-4 text-2xl font-bold tracking-tight">
          {props.title}
        </h1>
        {props.children}
      </div>
    </div>
  );
}
