import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { SET_ASIDE_TABLE, SetAside } from '../../platform/set-aside.ts';
import { HistoryOutbox } from '../outbox.ts';
import { fakePostgres } from './fake-postgres.ts';

/** Runs a test inside an object of its own, with an outbox in its storage. */
export async function inObject(
  test: (
    outbox: HistoryOutbox,
    postgres: ReturnType<typeof fakePostgres>,
    storage: DurableObjectStorage,
  ) => Promise<void>,
): Promise<void> {
  const stub = env.TASK.get(env.TASK.idFromName(ulid()));
  await runInDurableObject(stub, async (_, { storage }) => {
    const postgres = fakePostgres();
    const outbox = new HistoryOutbox(storage, new SetAside(storage), () => () => postgres.open());
    outbox.init();
    storage.sql.exec(SET_ASIDE_TABLE);
    await test(outbox, postgres, storage);
  });
}
