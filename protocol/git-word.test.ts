import { expect, it } from 'vitest';
import { GIT_WORD, gatewaysWord } from './git-word.ts';

it('what the gateway said is found in what git wrote, and what others said is not', () => {
  const why = 'GitHub refuses your own token.';
  const end = "fatal: unable to access 'http://x/': The requested URL returned error: 403";
  expect(gatewaysWord(`git clone: remote: ${GIT_WORD}${why}\n${end}`)).toBe(why);
  expect(gatewaysWord(`git push: warning: slow\nremote: ${GIT_WORD}${why}\n${end}`)).toBe(why);
  expect(gatewaysWord(`git push: remote: hook says no\n${end}`)).toBeNull();
  expect(gatewaysWord(`git push: ${GIT_WORD}${why}`)).toBeNull();
});
