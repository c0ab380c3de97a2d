import { Refused } from '../../protocol/pages.ts';
import { SearchAnswer } from '../../protocol/search.ts';

/** What came of a search. `away`: nothing answered, or not as it should. */
export type SearchOutcome =
  | { is: 'found'; answer: SearchAnswer }
  | { is: 'refused'; text: string }
  | { is: 'away' };

export async function fetchSearch(query: string): Promise<SearchOutcome> {
  try {
    const answer = await fetch(`/api/search?q=${encodeURIComponent(query)}`, {
      headers: { 'x-requested-with': 'XMLHttpRequest' },
      redirect: 'manual',
    });
    if (answer.ok) return { is: 'found', answer: SearchAnswer.parse(await answer.json()) };
    if (answer.status !== 400) return { is: 'away' };
    const refused = Refused.safeParse(await answer.json());
    return refused.success ? { is: 'refused', text: refused.data.text } : { is: 'away' };
  } catch {
    return { is: 'away' };
  }
}
