import { createSignal } from 'solid-js';

/** Lines that the person has opened (true) or closed (false). */
export type OpenedLines = {
  chosen(number: number): boolean | undefined;
  choose(number: number, isOpen: boolean): void;
};

const kept = new Map<string, OpenedLines>();

/** Those of a task's activity; a visit to another place changes nothing of them. */
export function openedLines(taskId: string): OpenedLines {
  const known = kept.get(taskId);
  if (known !== undefined) return known;
  const [choices, setChoices] = createSignal<ReadonlyMap<number, boolean>>(new Map());
  const lines: OpenedLines = {
    chosen: (number) => choices().get(number),
    choose: (number, isOpen) => setChoices((before) => new Map(before).set(number, isOpen)),
  };
  kept.set(taskId, lines);
  return lines;
}
