import type { BackupCounts } from '../../protocol/backup.ts';

const count = (number: number, what: string) =>
  `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`;

/** What a file holds, in words. */
export function heldIn({
  counts,
  checkpoints,
  attachments,
}: {
  counts: BackupCounts;
  checkpoints: number;
  attachments: number;
}): string {
  const of = (table: keyof BackupCounts) => counts[table] ?? 0;
  const rows = Object.values(counts).reduce((sum, one) => sum + one, 0);
  return `${count(of('messages'), 'message')}, ${count(of('tasks'), 'task')}, ${count(of('inbox_items'), 'inbox item')}, ${count(attachments, 'attached file')} and ${count(checkpoints, 'checkpoint')} (${count(rows, 'row')} in all)`;
}
