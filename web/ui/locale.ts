import { createSignal } from 'solid-js';

const KEY = 'locale';

/** Languages of dates and numbers that can be chosen; the words of the product are English. */
export const LOCALES = [
  { tag: 'en-GB', name: 'English (UK)' },
  { tag: 'en-US', name: 'English (US)' },
  { tag: 'de', name: 'Deutsch' },
  { tag: 'es', name: 'Español' },
  { tag: 'fr', name: 'Français' },
  { tag: 'ja', name: '日本語' },
  { tag: 'sv', name: 'Svenska' },
] as const;

function kept(): string | undefined {
  try {
    const tag = localStorage.getItem(KEY);
    return LOCALES.find((one) => one.tag === tag)?.tag;
  } catch {
    return undefined;
  }
}

const [locale, setLocale] = createSignal(kept());

/** The language that dates and numbers are written in; undefined for the browser's own. */
export { locale };

/** Chooses it for this device; undefined goes back to the browser's. */
export function chooseLocale(tag: string | undefined): void {
  setLocale(LOCALES.find((one) => one.tag === tag)?.tag);
  try {
    if (tag === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, tag);
  } catch {
    // It holds as long as the page.
  }
}

/** A number as people write it. */
export const numberText = (value: number) => value.toLocaleString(locale());

/** A day and its time, to the second. */
export const exactText = (at: number) => new Date(at).toLocaleString(locale());
