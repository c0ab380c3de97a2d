const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/** A new ULID. The package of that name brings along what other platforms than a browser need. */
export function newId(now = Date.now()): string {
  let time = '';
  for (let left = now; time.length < TIME_DIGITS; left = Math.floor(left / DIGITS.length)) {
    time = DIGITS.charAt(left % DIGITS.length) + time;
  }
  // A byte holds each digit equally often.
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS));
  return time + Array.from(random, (byte) => DIGITS.charAt(byte % DIGITS.length)).join('');
}
