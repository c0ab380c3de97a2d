/** A part of a value that is shorter than this is found in anything. */
const FORM_MIN_CHARS = 6;
/** A line of a secret with several lines gives it away if it is at least this long. */
const LINE_MIN_CHARS = 16;

/** Bytes as text of one character each, as `btoa` takes it. */
const binary = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/**
 * The part of base64 that stands for these bytes wherever they begin in what is encoded: what the
 * neighbours of the first and the last byte share with them is left out.
 */
function base64At(bytes: Uint8Array, offset: 0 | 1 | 2): string {
  const padded = btoa('\0'.repeat(offset) + binary(bytes));
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + bytes.byteLength) * 8) / 6);
  return padded.slice(first, last);
}

function formsOf(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const base64 = ([0, 1, 2] as const).map((offset) => base64At(bytes, offset));
  const loose = encodeURIComponent(text.toWellFormed());
  const strict = loose.replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [
    text,
    ...base64,
    ...base64.map((one) => one.replaceAll('+', '-').replaceAll('/', '_')),
    ...[loose, strict].flatMap((url) => [
      url,
      url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    ]),
    strict.replaceAll('%20', '+'),
    JSON.stringify(text).slice(1, -1),
    hex,
    hex.toUpperCase(),
  ];
}

/**
 * The texts by which secrets are known again: each value and its longer lines, as they are and as
 * base64 (at any place of what is encoded, with either alphabet), URL-encoded, in JSON, and in hex.
 * The longest first.
 */
export function secretForms(secrets: readonly string[]): string[] {
  const texts = secrets.flatMap((secret) => {
    const lines = secret.split(/\r?\n/).filter((line) => line.length >= LINE_MIN_CHARS);
    return [secret, secret.trim(), ...lines];
  });
  const forms = new Set(texts.flatMap(formsOf));
  return [...forms]
    .filter((form) => form.length >= FORM_MIN_CHARS)
    .toSorted((one, other) => other.length - one.length);
}
