/** Stands where nothing may be said yet: before the first snapshot, 'nothing' would be a guess. */
export function NotKnownYet() {
  return <p class="py-2 text-sm text-soft">Waiting for the connection …</p>;
}
