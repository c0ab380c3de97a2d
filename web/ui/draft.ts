const keyOf = (name: string) => `draft:${name}`;

/** What was written in a place and not sent; it outlives the page. */
export function draftOf(name: string): string {
  return localStorage.getItem(keyOf(name)) ?? '';
}

export function keepDraft(name: string, text: string): void {
  if (text === '') {
    localStorage.removeItem(keyOf(name));
    return;
  }
  try {
    localStorage.setItem(keyOf(name), text);
  } catch {
    // Too long to keep as a draft: it lives as long as the page.
  }
}
