import { type ParentProps, onMount } from 'solid-js';
import { type Place, usePlace } from './place.ts';

/** A place that scrolls as a whole; what is positioned in it scrolls along. */
export function Page(props: ParentProps<{ title: string; back?: Place['back'] }>) {
  usePlace(() => ({ title: props.title, back: props.back ?? null }));
  // Its parts come with the page, which is fetched when it is first shown: nothing was there to scroll to.
  onMount(() => document.getElementById(location.hash.slice(1))?.scrollIntoView());
  return (
    <div class="relative min-h-0 flex-1 overflow-y-auto">
      <div class="mx-auto w-full max-w-3xl px-4 py-4">{props.children}</div>
    </div>
  );
}
