import { createSignal } from 'solid-js';

/** How the pages look; empty for as the system does. */
export type Theme = '' | 'light' | 'dark';

const read = (): Theme => {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : '';
};
const [theme, setTheme] = createSignal<Theme>(read());
export { theme };

/** How high rows are; empty for as high as is comfortable. */
export type Density = '' | 'compact';

const [density, setDensity] = createSignal<Density>(
  document.documentElement.dataset.density === 'compact' ? 'compact' : '',
);
export { density };

/** Puts a choice on the page, now and for the next time (`theme.js` reads it before the first paint). */
function keep(name: 'theme' | 'density', chosen: string): void {
  if (chosen === '') delete document.documentElement.dataset[name];
  else document.documentElement.dataset[name] = chosen;
  try {
    if (chosen === '') localStorage.removeItem(name);
    else localStorage.setItem(name, chosen);
  } catch {
    // Storage is closed to this page: it looks so as long as it lives.
  }
}

export function chooseTheme(chosen: Theme): void {
  setTheme(chosen);
  keep('theme', chosen);
  // The system's bars take the colour of the first one that applies: each is for one appearance.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const of = meta.dataset.of ?? '';
    if (chosen === '') meta.media = `(prefers-color-scheme: ${of})`;
    else meta.media = chosen === of ? 'all' : 'not all';
  }
}

export function chooseDensity(chosen: Density): void {
  setDensity(chosen);
  keep('density', chosen);
}
