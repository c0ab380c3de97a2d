/** A token of an installation. */
export type KeptToken = {
  token: string;
  /** When the host stops taking it, in milliseconds since 1970. */
  endsAt: number;
};

/** A token that ends sooner is not begun with: a clone may take a while before it asks for its last part. */
const LEFT_MS = 5 * 60_000;
const KEPT_MAX = 500;

/**
 * The tokens that this isolate was given, by what they open. They are values, never promises: one
 * request of a Worker must not wait for what another began. Two that ask at once both get a token.
 */
const KEPT = new Map<string, KeptToken>();

export function keptToken(opens: string, now: number): KeptToken | null {
  const kept = KEPT.get(opens);
  return kept !== undefined && kept.endsAt - LEFT_MS > now ? kept : null;
}

export function keepToken(opens: string, token: KeptToken): void {
  KEPT.delete(opens);
  KEPT.set(opens, token);
  const [oldest] = KEPT.keys();
  if (KEPT.size > KEPT_MAX && oldest !== undefined) KEPT.delete(oldest);
}

/** True when it was one of them. */
export function forgetToken(token: string): boolean {
  for (const [opens, kept] of KEPT) {
    if (kept.token === token) return KEPT.delete(opens);
  }
  return false;
}
