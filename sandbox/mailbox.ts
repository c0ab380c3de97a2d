import type { MailboxItem } from '../protocol/runner.ts';
import type { Gateway } from './gateway.ts';

/** Takes what the person sends, each item once, until stopped. */
export async function readMailbox(
  gateway: Pick<Gateway, 'mailbox'>,
  signal: AbortSignal,
  take: (item: MailboxItem) => void,
): Promise<void> {
  const taken = new Set<string>();
  while (!signal.aborted) {
    const { items } = await gateway.mailbox(signal);
    const fresh = items.filter((item) => !taken.has(item.id));
    for (const item of fresh) {
      taken.add(item.id);
      take(item);
    }
    // Known items stay until their acknowledgement has arrived: without a pause this would spin.
    if (fresh.length === 0 && items.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
