import { shares } from '../net/shares.ts';

/** What another app has shared, for a draft; a sentence where it did not arrive. */
export type Shared = { text: string; files: File[] } | string;

/** Takes what the service worker has kept; once. */
export async function takeShared(id: string): Promise<Shared> {
  const share = await shares.take(id).catch(() => null);
  return share ?? 'What was shared did not arrive here. Share it again.';
}
