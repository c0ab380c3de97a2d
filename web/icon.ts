/*
 * Mainloop's mark, from which every icon is drawn (`npm run icons`): a loop that goes on, and the one
 * who is at its centre.
 */

const MARK = `<g fill="none" stroke="INK" stroke-width="46" stroke-linecap="round"><path d="M367 296A118 118 0 1 1 332 166"/></g><path d="M392 216L372 118L292 213Z" fill="INK" stroke="INK" stroke-width="18" stroke-linejoin="round"/><circle cx="256" cy="256" r="34" fill="INK"/>`;
const INDIGO = '#4338ca';

/** On the same indigo, for a shortcut to a place. Drawn on a grid of 24. */
const PLACES = {
  inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5a3 3 0 0 0 6 0h5',
  tasks: 'M4 6l1.5 1.5L8 5M4 12l1.5 1.5L8 11M4 18l1.5 1.5L8 17M12 6.5h8M12 12.5h8M12 18.5h8',
  message: 'M4 5h16v11H9l-5 4zM12 7.5v6M9 10.5h6',
};

const svg = (inside: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">${inside}</svg>`;
const mark = (ink: string, scale: number) => {
  const shift = 256 * (1 - scale);
  return `<g transform="translate(${shift} ${shift}) scale(${scale})">${MARK.replaceAll('INK', ink)}</g>`;
};
const place = (path: string) =>
  `<g transform="translate(112 112) scale(12)" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="${path}"/></g>`;
const ground = (corner: number) =>
  `<rect width="512" height="512" rx="${corner}" fill="${INDIGO}"/>`;

/** Each icon as an SVG. Systems cut a maskable one to a circle of four fifths, and round Apple's themselves. */
export const ICONS: Record<string, { svg: string; px: number | null }> = {
  'icon.svg': { svg: svg(ground(112) + mark('#fff', 1.12)), px: null },
  'icon-192.png': { svg: svg(ground(112) + mark('#fff', 1.12)), px: 192 },
  'icon-512.png': { svg: svg(ground(112) + mark('#fff', 1.12)), px: 512 },
  'icon-maskable-192.png': { svg: svg(ground(0) + mark('#fff', 0.92)), px: 192 },
  'icon-maskable-512.png': { svg: svg(ground(0) + mark('#fff', 0.92)), px: 512 },
  'icon-monochrome-512.png': { svg: svg(mark('#000', 1.2)), px: 512 },
  'apple-touch-icon.png': { svg: svg(ground(0) + mark('#fff', 1.05)), px: 180 },
  'shortcut-inbox-96.png': { svg: svg(ground(112) + place(PLACES.inbox)), px: 96 },
  'shortcut-tasks-96.png': { svg: svg(ground(112) + place(PLACES.tasks)), px: 96 },
  'shortcut-message-96.png': { svg: svg(ground(112) + place(PLACES.message)), px: 96 },
};
