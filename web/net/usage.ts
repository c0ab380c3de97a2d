import { SpentAnswer } from '../../protocol/pages.ts';

/** What the last days cost; null where nothing answers. */
export async function fetchSpent(days: number): Promise<SpentAnswer | null> {
  try {
    const answer = await fetch(`/api/usage?days=${days}`);
    return answer.ok ? SpentAnswer.parse(await answer.json()) : null;
  } catch {
    return null;
  }
}
