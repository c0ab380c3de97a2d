import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { DEFAULT_REPOSITORY_SETTINGS, type RepositorySettings } from '../../protocol/settings.ts';
import { HistoryOutbox } from '../history/outbox.ts';
import { readKeys } from '../platform/sealed.ts';
import { ChangeLog } from './change-log.ts';
import { HistoryCopy } from './history-copy.ts';
import { Secrets } from './secrets.ts';
import { SecretRows } from './storage/secret-rows.ts';
import { ThreadStore } from './storage/thread-store.ts';
import { openThread } from './testing/open-thread.ts';

const REPOSITORY = 'acme/todo';
const VALUE = 'hunter2-hunter2';
const secret = (during: 'setup' | 'work' = 'setup') => ({ value: VALUE, during });

async function withSecret() {
  const thread = await openThread();
  const page = await thread.page();
  await page.first('snapshot');
  await thread.stub.changeSecret(REPOSITORY, 'TOKEN', secret());
  return { thread, page };
}

/** All that the object keeps, as one text. */
function kept(stub: Awaited<ReturnType<typeof withSecret>>['thread']['stub']): Promise<string> {
  return runInDurableObject(stub, (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .filter(({ name }) => !name.startsWith('_cf'));
    const rows = tables.flatMap(({ name }) =>
      storage.sql.exec(`SELECT * FROM "${name}"`).toArray(),
    );
    return JSON.stringify([rows, [...storage.kv.list()]]);
  });
}

const variables = (list: RepositorySettings['variables']) => ({
  type: 'change_settings' as const,
  id: ulid(),
  change: {
    is: 'repository' as const,
    repository: REPOSITORY,
    settings: { ...DEFAULT_REPOSITORY_SETTINGS, variables: list },
  },
});

describe('a secret', () => {
  it('is shown by its name only, and its value is nowhere in what is kept or sent', async () => {
    const { thread, page } = await withSecret();
    const entries = await page.until(
      () =>
        page
          .all('entries')
          .find(({ entries: all }) => all.some(({ change }) => change.type === 'settings')) ?? null,
      'the settings',
    );
    expect(JSON.stringify(entries)).toContain('TOKEN');
    expect(JSON.stringify(page.frames)).not.toContain('hunter2');
    const text = await kept(thread.stub);
    expect(text).toContain('TOKEN');
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(btoa(VALUE).slice(0, 12));
    // What goes to Postgres is among it.
    expect(text).toContain('settings');
  });

  it('is given to a set-up of its repository, and to work only where that is allowed', async () => {
    const { thread } = await withSecret();
    await thread.stub.changeSecret(REPOSITORY, 'OPEN_TOKEN', secret('work'));
    const given = async (repository: string, wanted: 'setup' | 'work') => {
      const { values, names } = await thread.stub.setupValues(repository, { for: wanted });
      return { values: values.map(({ name, value }) => `${name}=${value}`), names };
    };
    const names = ['OPEN_TOKEN', 'TOKEN'];
    const both = names.map((name) => `${name}=${VALUE}`);
    expect(await given(REPOSITORY, 'setup')).toEqual({ values: both, names });
    expect(await given(REPOSITORY, 'work')).toEqual({ values: [both[0]], names });
    expect(await given('acme/site', 'setup')).toEqual({ values: [], names: [] });
  });

  it('has its newest value, and is gone once it is removed', async () => {
    const { thread } = await withSecret();
    await thread.stub.changeSecret(REPOSITORY, 'TOKEN', { value: 'another-one', during: 'work' });
    expect(await thread.stub.setupValues(REPOSITORY, { for: 'work' })).toMatchObject({
      values: [{ name: 'TOKEN', value: 'another-one', isSecret: true }],
    });
    expect(await thread.stub.changeSecret(REPOSITORY, 'TOKEN', null)).toEqual({ is: 'done' });
    expect(await thread.stub.setupValues(REPOSITORY, { for: 'setup' })).toMatchObject({
      values: [],
    });
    expect(await thread.stub.changeSecret(REPOSITORY, 'TOKEN', null)).toMatchObject({
      is: 'refused',
      error: 'not_found',
    });
    expect(await kept(thread.stub)).not.toContain('"sealed"');
  });

  it('that belongs to another name does not open, and it is said which one', async () => {
    const { thread } = await withSecret();
    await thread.stub.changeSecret(REPOSITORY, 'OTHER', secret());
    await runInDurableObject(thread.stub, (_, { storage }) => {
      storage.sql.exec(
        "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'OTHER') WHERE name = 'TOKEN'",
      );
    });
    expect(await thread.stub.setupValues(REPOSITORY, { for: 'setup' })).toMatchObject({
      values: [{ name: 'OTHER' }],
      missing: [expect.stringContaining('The secret TOKEN cannot be used.')],
    });
  });

  it('whose value is lost is missed in words', async () => {
    const { thread } = await withSecret();
    await runInDurableObject(thread.stub, (_, { storage }) => {
      storage.sql.exec('DELETE FROM secrets');
    });
    expect(await thread.stub.setupValues(REPOSITORY, { for: 'setup' })).toEqual({
      values: [],
      names: ['TOKEN'],
      missing: [expect.stringContaining('Set it again in the settings.')],
    });
  });

  it('is sealed anew with the newest key when one is used, so that the old key can go', async () => {
    const { thread } = await withSecret();
    const keyOf = (fill: number) => Buffer.alloc(32, fill).toString('base64');
    const sealed = () =>
      runInDurableObject(thread.stub, (_, { storage }) =>
        storage.sql.exec<{ sealed: string }>('SELECT sealed FROM secrets').toArray(),
      );
    const [before] = await sealed();
    expect(before?.sealed).toMatch(/^1\./);
    await runInDurableObject(thread.stub, async (_, { storage }) => {
      const store = new ThreadStore(storage);
      const history = new HistoryOutbox(storage, store.setAside, () => null);
      const copy = new HistoryCopy(store, history);
      const changeLog = new ChangeLog(
        store,
        copy,
        () => {},
        () => {},
      );
      const rows = new SecretRows(storage, store.setAside);
      const given = (keys: string, repository: string) =>
        new Secrets({ store, rows, changeLog, keys: () => readKeys(keys) }).given(repository, {
          for: 'setup',
        });
      // What is used is another repository's.
      await given(`2:${keyOf(2)},${env.ENCRYPTION_KEYS}`, 'acme/site');
      expect(await given(`2:${keyOf(2)}`, REPOSITORY)).toMatchObject({
        values: [{ name: 'TOKEN', value: VALUE }],
        missing: [],
      });
    });
    const [after] = await sealed();
    expect(after?.sealed).toMatch(/^2\./);
  });

  it('of a person who never signed in is not kept', async () => {
    const { stub } = await openThread();
    const stranger = await runInDurableObject(stub, (_, { storage }) =>
      storage.kv.delete('person'),
    );
    expect(stranger).toBe(true);
    expect(await stub.changeSecret(REPOSITORY, 'TOKEN', secret())).toMatchObject({ is: 'refused' });
  });

  it('and a variable cannot have one name', async () => {
    const { thread, page } = await withSecret();
    page.send(variables([{ name: 'TOKEN', value: 'x', during: 'setup' }]));
    expect(await page.first('refused')).toMatchObject({ text: /name of a secret already/ });
    page.send(variables([{ name: 'MODE', value: 'fast', during: 'work' }]));
    await page.first('ack');
    expect(await thread.stub.changeSecret(REPOSITORY, 'MODE', secret())).toMatchObject({
      text: 'MODE is the name of a variable already. Remove that first.',
    });
    expect(await thread.stub.setupValues(REPOSITORY, { for: 'work' })).toMatchObject({
      values: [{ name: 'MODE', value: 'fast', isSecret: false }],
    });
  });
});

it('two variables cannot have one name', async () => {
  const page = await (await openThread()).page();
  const one = { name: 'MODE', value: 'x', during: 'setup' } as const;
  page.send(variables([one, one]));
  expect(await page.first('refused')).toMatchObject({ text: /MODE is there twice/ });
});

it('a sandbox has the size that is set for its repository', async () => {
  const thread = await openThread();
  const page = await thread.page();
  expect(await thread.stub.sandboxSettings(REPOSITORY)).toMatchObject({ instance: 'standard-1' });
  const frame = variables([]);
  const { change } = frame;
  const settings = { ...change.settings, instance: 'basic' as const };
  page.send({ ...frame, change: { ...change, settings } });
  await page.first('ack');
  expect(await thread.stub.sandboxSettings(REPOSITORY)).toMatchObject({ instance: 'basic' });
});
