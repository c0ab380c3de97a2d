import { MessagesPage } from '../../protocol/pages.ts';

/** Messages that one request brings: the most that the server gives. */
const PAGE = 100;

/** `missing`: the message that was asked for is not there; `away`: nothing answered as it should. */
export type PageOutcome = { is: 'page'; page: MessagesPage } | { is: 'missing' } | { is: 'away' };

/** Messages before or after a log number, or around one of them. */
export async function fetchMessages(
  asked: { before: number } | { after: number } | { around: string },
): Promise<PageOutcome> {
  try {
    const query = new URLSearchParams({
      ...Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, String(value)])),
      limit: String(PAGE),
    });
    const answer = await fetch(`/api/messages?${query}`, {
      headers: { 'x-requested-with': 'XMLHttpRequest' },
      redirect: 'manual',
    });
    if (answer.ok) return { is: 'page', page: MessagesPage.parse(await answer.json()) };
    return { is: answer.status === 404 ? 'missing' : 'away' };
  } catch {
    return { is: 'away' };
  }
}
