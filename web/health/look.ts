import { createSignal, onMount } from 'solid-js';
import type { HealthReport } from '../../protocol/health.ts';
import { fetchHealth } from '../net/health.ts';

/** Asks how everything is, when its part of a page is there and whenever it is told to; one look at a time. */
export function createHealthLook() {
  const [found, setFound] = createSignal<HealthReport | string | null>(null);
  const [isLooking, setLooking] = createSignal(false);
  const look = async () => {
    if (isLooking()) return;
    setLooking(true);
    setFound(await fetchHealth());
    setLooking(false);
  };
  onMount(() => void look());
  return {
    /** The report, why there is none in a sentence, or null before either. */
    found,
    report: (): HealthReport | null => {
      const now = found();
      return now === null || typeof now === 'string' ? null : now;
    },
    isLooking,
    look,
  };
}
