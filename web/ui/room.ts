import { createSignal } from 'solid-js';

/** Wide enough for two texts side by side, beside all else. */
const query = matchMedia('(width >= 82rem)');
const [hasRoomForTwo, setHasRoomForTwo] = createSignal(query.matches);
query.addEventListener('change', (event) => setHasRoomForTwo(event.matches));

export { hasRoomForTwo };
