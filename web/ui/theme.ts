import { createSignal } from 'solid-js';

/** How the pages look; empty for as the system does. */
export type Theme = '' | 'light' | 'dark';

const read = (): Theme => {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : '';
};
const [theme, setTheme] = createSignal<Theme>(read());
export { theme };

/** Takes an appearance, now and for the next time (`theme.js` reads it before the first paint). */
export function chooseTheme(chosen: Theme): void {
  setTheme(chosen);
  if (chosen === '') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  try {
    if (chosen === '') localStorage.removeItem('theme');
    else localStorage.setItem('theme', chosen);
  } catch {
    // Storage is closed to this page: it looks so as long as it lives.
  }
}
