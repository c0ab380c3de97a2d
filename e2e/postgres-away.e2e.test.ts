import postgres from 'postgres';
import { expect, it } from 'vitest';
import { HealthReport } from '../protocol/health.ts';
import { connect, replyTo } from './harness/client.ts';
import { startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const DONE_MS = 90_000;

it('the main job works while Postgres is stopped, and its rows arrive when it is back', async () => {
  // Told after a second, not after ten minutes.
  const stack = await startTestStack({ settings: { HISTORY_ALERT_SECONDS: '1' } });
  const client = await connect(stack.url);
  await stack.postgres?.stop();
  await replyTo(
    client,
    client.send({ type: 'send', text: 'Add a --json flag to the list command' }),
  );
  const [task] = await untilTasks(client, (lines) => lines[0]?.status === 'In review', DONE_MS);
  await client.until(
    (frame) =>
      frame.type === 'entries' &&
      frame.entries.some(
        ({ change }) =>
          change.type === 'message' && /draft pull request is ready/.test(change.message.text),
      ),
    DONE_MS,
  );
  const alerts = () =>
    client
      .entries()
      .flatMap(({ change }) =>
        change.type === 'inbox' && change.item.kind === 'alert' ? [change.item] : [],
      );
  await client.when(() => alerts().length > 0, DONE_MS);
  expect(alerts()).toMatchObject([
    { about: 'history', outcome: null, text: expect.stringMatching(/Nothing|nothing is lost/) },
  ]);
  const health = async () => {
    const answer = await fetch(`${stack.url}/api/health`, { headers: { origin: stack.url } });
    return HealthReport.parse(await answer.json()).checks.find(({ name }) => name === 'history');
  };
  expect(await health()).toMatchObject({ state: 'failing' });
  await stack.postgres?.start();
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  const seen = async () => {
    const [row] = await sql`select
      (select count(*)::int from messages) as messages,
      (select status from tasks where id = ${task?.id ?? ''}) as status,
      (select count(*)::int from inbox_items where open) as inbox,
      (select count(*)::int from task_events) as events,
      (select max(number) from task_events) as last`;
    return row;
  };
  await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
  const page = await connect(stack.url);
  const { messages } = await page.snapshot();
  page.close();
  await expect.poll(seen, { timeout: 30_000 }).toMatchObject({
    messages: messages.length,
    status: 'In review',
    inbox: 1,
    events: expect.any(Number),
  });
  await client.when(() => alerts().at(-1)?.outcome != null, DONE_MS);
  expect(alerts()).toHaveLength(2);
  expect(alerts()[1]).toMatchObject({ outcome: { by: 'mainloop', text: 'Works again' } });
  expect(await health()).toMatchObject({ state: 'ok' });
  const row = await seen();
  expect(row?.events).toBe(row?.last);
  await sql.end();
  client.close();
  await stack.stop();
}, 200_000);
