import { readdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import * as z from 'zod/mini';
import { Snapshot } from '../../protocol/down.ts';
import type { Message } from '../../protocol/message.ts';
import type { TaskSummary } from '../../protocol/task.ts';

const idOf = (number: number) => `01JZZZZZZZZZZZZZZZZZ${String(number).padStart(6, '0')}`;

/** Messages that were said a minute after another, the newest now. */
function* talk(count: number, textOf: (number: number) => string): Generator<Message> {
  const now = Date.now();
  for (let number = 1; number <= count; number++) {
    const said = { id: idOf(number), seq: number, at: now - (count - number) * 60_000 };
    yield number % 2 === 1
      ? { ...said, from: 'person', text: textOf(number) }
      : { ...said, from: 'mainloop', text: textOf(number), state: { is: 'done' }, taskIds: [] };
  }
}

/**
 * Puts a long conversation into the one object that a person has signed in to, as if it had been
 * said. Only while the Worker is stopped.
 */
export function seedConversation(
  dataDir: string,
  count: number,
  textOf: (number: number) => string,
): void {
  const folder = path.join(dataDir, 'worker/v3/do/mainloop-MainThread');
  for (const file of readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))) {
    const db = new DatabaseSync(path.join(folder, file));
    if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'messages'").get() !== undefined) {
      db.exec('BEGIN; DELETE FROM log; DELETE FROM messages');
      const insert = db.prepare('INSERT INTO messages (id, seq, text, body) VALUES (?, ?, ?, ?)');
      let last: Message | null = null;
      for (const message of talk(count, textOf)) {
        insert.run(message.id, message.seq, message.text, JSON.stringify(message));
        last = message;
      }
      const change = JSON.stringify({ type: 'message', message: last });
      db.prepare('INSERT INTO log (seq, at, body) VALUES (?, ?, ?)').run(count, Date.now(), change);
      db.exec('COMMIT');
    }
    db.close();
  }
}

const SnapshotFrame = z.looseObject({ type: z.literal('snapshot'), snapshot: Snapshot });

/** Has the server's snapshot tell this page of tasks that nobody works on. */
export async function tellOfTasks(page: Page, tasks: readonly TaskSummary[]): Promise<void> {
  await page.routeWebSocket(/\/api\/socket/, (socket) => {
    socket.connectToServer().onMessage((data) => {
      const text = data.toString();
      if (!text.startsWith('{"type":"snapshot"')) return socket.send(text);
      const frame = SnapshotFrame.parse(JSON.parse(text));
      socket.send(JSON.stringify({ ...frame, snapshot: { ...frame.snapshot, tasks } }));
    });
  });
}
