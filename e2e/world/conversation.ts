import { ulid } from 'ulid';
import type { Message } from '../../protocol/message.ts';
import { TASKS, YESTERDAY, minutesAgo } from './tasks.ts';

type Line =
  | { at: number; person: string }
  | { at: number; mainloop: string; started?: string[]; about?: string };

const LINES: Line[] = [
  { at: YESTERDAY, person: 'Overdue tasks should stand out in the terminal.' },
  {
    at: YESTERDAY + 4_000,
    mainloop: 'They will be printed in red, in acme/todo.',
    started: [TASKS.colours.id],
  },
  {
    at: minutesAgo(62),
    person: 'Add a `--json` flag to the list command',
  },
  {
    at: minutesAgo(62) + 3_000,
    mainloop: 'On it, in acme/todo.',
    started: [TASKS.json.id],
  },
  {
    at: TASKS.json.updatedAt + 2_000,
    mainloop:
      'The flag is ready for your review.\n\n## What it does\n\n`todo list --json` prints one object a task. Without the flag nothing changes, and 42 tests pass.',
    about: TASKS.json.id,
  },
  {
    at: minutesAgo(21),
    person: 'And an export, for my spreadsheet. Ask me if something is open.',
  },
  {
    at: minutesAgo(21) + 3_000,
    mainloop: 'It will plan that first and ask you before it changes anything.',
    started: [TASKS.export.id],
  },
  {
    at: TASKS.export.updatedAt + 2_000,
    mainloop: 'Its worker wants to know two things: the format, and which fields.',
    about: TASKS.export.id,
  },
  { at: minutesAgo(14), person: 'The docs need a dark mode. Same colours as the app.' },
  {
    at: minutesAgo(14) + 3_000,
    mainloop: 'Started in acme/site. It takes the colours from `app/theme.css`.',
    started: [TASKS.dark.id],
  },
];

/** A conversation of yesterday and this morning. */
export const MESSAGES: Message[] = LINES.map((line, place) => {
  const said = { id: ulid(line.at), seq: place + 1, at: line.at };
  return 'person' in line
    ? { ...said, from: 'person', text: line.person }
    : {
        ...said,
        from: 'mainloop',
        text: line.mainloop,
        state: { is: 'done' },
        taskIds: line.started ?? [],
        ...(line.about !== undefined && { about: line.about }),
      };
});
