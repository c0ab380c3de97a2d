import { costText } from './time.tsx';

/** Dollars that add up to something; the stand-in's models cost nothing, and that is said with the sum. */
export function moneyText(cost: number, isPretended: boolean): string {
  return isPretended ? `${costText(cost)} pretended` : costText(cost);
}
