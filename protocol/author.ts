import * as z from 'zod/mini';

/** Somebody as a commit names them: nothing in it ends its line, or the name. */
export const Author = z.object({
  name: z.string().check(z.regex(/^[^<>\p{Cc}]{1,100}$/u)),
  email: z.string().check(z.regex(/^[^<>\s\p{Cc}]{1,200}$/u)),
});
export type Author = z.infer<typeof Author>;

/** By whom a task was asked for, as the git host may show it. */
export const Asker = z.extend(Author, {
  /** Their page at the host; null where it does not know them. */
  url: z.nullable(z.url()),
});
export type Asker = z.infer<typeof Asker>;
