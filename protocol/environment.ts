import * as z from 'zod/mini';
import { Timestamp } from './ids.ts';

/** What a repository's sandboxes are given: their size, variables, and secrets. */

/** Sizes of a container on Cloudflare, smallest first. https://developers.cloudflare.com/containers/platform-details/limits/ */
export const InstanceType = z.enum([
  'lite',
  'basic',
  'standard-1',
  'standard-2',
  'standard-3',
  'standard-4',
]);
export type InstanceType = z.infer<typeof InstanceType>;

/** Which of a sandbox's steps may read a value: its set-up only, or the worker's commands, too. */
export const During = z.enum(['setup', 'work']);
export type During = z.infer<typeof During>;

/** Most variables of a repository, and most secrets. */
export const VARIABLES_MAX = 50;
const NAME_MAX_CHARS = 100;
const VARIABLE_MAX_CHARS = 4_000;
/** A shorter one could not be told from other words of an output. */
const SECRET_MIN_CHARS = 8;
/** An environment variable may have 128 KiB on Linux. */
const SECRET_MAX_CHARS = 32_000;

/** What the runner, Claude Code, git or the loader of programs go by: another value would change them. */
const RESERVED = [
  /^(?:PATH|HOME|SHELL|USER|LOGNAME|LANG|TZ|TERM|TMPDIR|IFS|ENV|IS_SANDBOX|ENABLE_TOOL_SEARCH)$/,
  /^(?:NODE_OPTIONS|NODE_PATH|PYTHONSTARTUP|PYTHONHOME|PERL5OPT|RUBYOPT|JAVA_TOOL_OPTIONS)$/,
  /^(?:NODE_EXTRA_CA_CERTS|NODE_USE_ENV_PROXY|SSL_CERT_FILE|SSL_CERT_DIR|CURL_CA_BUNDLE|AWS_CA_BUNDLE)$/,
  /^(?:REQUESTS_CA_BUNDLE|PIP_CERT|CARGO_HTTP_CAINFO|DENO_CERT)$/,
  /^(?:BASH|LC_|LD_|DYLD_|MAINLOOP_|ANTHROPIC_|CLAUDE|GIT_|DISABLE_)/,
  /_PROXY$/,
];

/** Why no sandbox could be given it, in a sentence; null when it could. */
export function impossibleName(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > NAME_MAX_CHARS) {
    return `A name has letters, digits and _, begins with no digit, and has ${NAME_MAX_CHARS} characters at most.`;
  }
  return RESERVED.some((reserved) => reserved.test(name.toUpperCase()))
    ? `${name} is set by the sandbox itself. Take another name.`
    : null;
}

/** What was kept before such a name was refused is read as before. */
const VariableName = z.string().check(
  z.maxLength(NAME_MAX_CHARS),
  z.refine((name) => impossibleName(name) === null, 'That cannot be the name of a variable.'),
);

/** No program can be given a NUL. */
const valueOf = (minLength: number, maxLength: number) =>
  // oxlint-disable-next-line no-control-regex -- a NUL is what is looked for
  z.string().check(z.minLength(minLength), z.maxLength(maxLength), z.regex(/^[^\0]*$/));

export const Variable = z.object({
  name: VariableName,
  value: valueOf(0, VARIABLE_MAX_CHARS),
  during: During,
});
export type Variable = z.infer<typeof Variable>;

/** What is shown of a secret: never its value. */
export const Secret = z.object({ name: VariableName, during: During, at: Timestamp });
export type Secret = z.infer<typeof Secret>;

/** `PUT /api/repositories/<owner>/<name>/secrets/<secret>`: its value comes in, and never out again. */
export const NewSecret = z.object({
  value: valueOf(SECRET_MIN_CHARS, SECRET_MAX_CHARS),
  during: During,
});
export type NewSecret = z.infer<typeof NewSecret>;

/** What a value of a secret may be, in a sentence. */
export const SECRET_VALUE_RULE = `A secret has ${SECRET_MIN_CHARS} to ${SECRET_MAX_CHARS.toLocaleString('en-US')} characters.`;
