/** Set where one wants to write and its place is still on its way. */
let isWanted = false;

/** Leads to where one writes in this place. */
export function write(): void {
  const field = document.querySelector('main textarea');
  if (field instanceof HTMLElement) field.focus();
}

/** The same for the place that comes next: it asks `takesWriting` once it is there. */
export function writeNext(): void {
  isWanted = true;
}

export function takesWriting(): boolean {
  const wanted = isWanted;
  isWanted = false;
  return wanted;
}
