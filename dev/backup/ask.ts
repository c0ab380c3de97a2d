import type * as z from 'zod/mini';
import { postMainloop } from '../ask-mainloop.ts';

type Answer = { is: 'refused'; text: string } | { is: string };
/** The answer that was wanted, of all that may come. */
export type Answered<A extends Answer, Is extends A['is']> = Extract<A, { is: Is }>;

/** Asks a route and takes the one answer that is wanted. @throws what it refuses, in its own words. */
export async function askFor<A extends Answer, Is extends A['is']>(
  { url, path, schema }: { url: string; path: string; schema: z.ZodMiniType<A> },
  request: unknown,
  wanted: Is,
): Promise<Answered<A, Is>> {
  const answer = schema.parse(await postMainloop(url, path, request));
  const isWanted = (one: A): one is Answered<A, Is> => one.is === wanted;
  if (isWanted(answer)) return answer;
  throw new Error('text' in answer ? answer.text : `It answered with ${answer.is}.`);
}
