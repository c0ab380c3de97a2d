import { HealthReport } from '../../protocol/health.ts';
import { Refused } from '../../protocol/pages.ts';

/** How everything is, as the server sees it; a sentence where it does not say. */
export async function fetchHealth(): Promise<HealthReport | string> {
  try {
    const answer = await fetch('/api/health', {
      headers: { 'x-requested-with': 'XMLHttpRequest' },
      redirect: 'manual',
    });
    const said: unknown = await answer.json();
    if (answer.ok) return HealthReport.parse(said);
    const refused = Refused.safeParse(said);
    return refused.success ? refused.data.text : `It answered with ${answer.status}.`;
  } catch {
    return 'Mainloop could not be reached. Look again once you are online.';
  }
}
