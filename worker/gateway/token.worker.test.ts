import { expect, it } from 'vitest';
import { newSecret, sameSecret } from './token.ts';

// `timingSafeEqual` is there in workerd only.
it('a secret equals itself and nothing else', () => {
  const secret = newSecret();
  expect(sameSecret(secret, secret)).toBe(true);
  expect(sameSecret(secret, newSecret())).toBe(false);
  expect(sameSecret(secret, secret.slice(0, -1))).toBe(false);
  expect(sameSecret(secret, '')).toBe(false);
  expect(sameSecret(secret, secret.toUpperCase())).toBe(false);
});
