import { createEffect, createSignal } from 'solid-js';

/** Where one is, for the head of the page and the browser's own title; `back` leads out of it. */
export type Place = { title: string; back: { href: string; label: string } | null };

const [place, setPlace] = createSignal<Place>({ title: 'Mainloop', back: null });
export { place };

/** Says where one is; each place does so once. */
export function usePlace(where: () => Place): void {
  createEffect(() => setPlace(where()));
}
