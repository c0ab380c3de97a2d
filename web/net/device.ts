import { newId } from './new-id.ts';

const KEY = 'device';

/** This browser's own id, made once; null where nothing can be kept (a private window, say). */
export function deviceId(): string | null {
  try {
    const known = localStorage.getItem(KEY);
    if (known !== null) return known;
    const id = newId();
    localStorage.setItem(KEY, id);
    return id;
  } catch {
    return null;
  }
}
