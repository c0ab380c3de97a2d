import { type Accessor, createSignal } from 'solid-js';

function matches(media: string): Accessor<boolean> {
  const query = matchMedia(media);
  const [isSo, setIsSo] = createSignal(query.matches);
  query.addEventListener('change', (event) => setIsSo(event.matches));
  return isSo;
}

/** Wide enough for two texts side by side, beside all else. */
export const hasRoomForTwo = matches('(width >= 82rem)');

/** A desk: wide enough for a list with what is opened of it beside it. The same as `wide` in style.css. */
export const isDesk = matches('(width >= 68.75rem)');
