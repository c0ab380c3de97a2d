import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ports } from './ports.ts';
import { setup } from './setup.ts';
import { expectOneOfEach } from './testing/one-of-each.ts';
import { type World, HOST, world } from './testing/world.ts';
import { uninstall } from './uninstall.ts';

let at: World;
let other: World;
/** A second clone, on this machine or another, that was given nothing of the first one's folder. */
let clone: Ports;
beforeEach(async () => {
  [at, other] = [await world(), await world()];
  clone = { ...at.ports, folder: other.ports.folder };
});
afterEach(() => Promise.all([at.close(), other.close()]));

describe('a folder that did not make the installation that runs', () => {
  it('stops, changes nothing, and names both ways on', async () => {
    await setup(at.options(), at.ports);
    at.standIn.calls.length = 0;
    for (const options of [
      at.options(),
      at.options('--host=other.example.com'),
      at.options('--force'),
    ]) {
      await expect(setup(options, clone)).rejects.toThrow(
        /named mainloop runs .*not this folder.*--name=other.*--take-over/s,
      );
    }
    expect(at.standIn.writes()).toEqual([]);
    expect(clone.folder.read()).toBeNull();
    expect(clone.folder.readSecrets()).toEqual({});
  });

  it('says so in a dry run, too', async () => {
    await setup(at.options(), at.ports);
    await expect(setup(at.options('--dry-run'), clone)).rejects.toThrow(/not this folder/);
  });

  it('leads it from the moment when it is told to take it over', async () => {
    await setup(at.options(), at.ports);
    const secrets = new Map(at.account.worker?.secrets);
    await setup(at.options('--take-over'), clone);
    expectOneOfEach(at);
    // Keys that are there are never made anew: what is encrypted with them could not be read again.
    expect(at.account.worker?.secrets).toEqual(secrets);
    expect(clone.folder.read()?.made).toEqual(['worker:mainloop']);
    at.standIn.calls.length = 0;
    expect(await setup(at.later(), clone)).toBe(false);
    expect(at.standIn.writes()).toEqual([]);
  });

  it('was stopped half-way, while another finished: stops as well', async () => {
    at.state.hasDocker = false;
    await expect(setup(at.options(), clone)).rejects.toThrow(/Docker/);
    at.state.hasDocker = true;
    await setup(at.options(), at.ports);
    await expect(setup(at.later(), clone)).rejects.toThrow(/--take-over/);
  });

  it('took its installation away: one that another folder makes after that is not its own', async () => {
    await setup(at.options(), clone);
    await uninstall(at.later(), clone);
    await setup(at.options(), at.ports);
    await expect(setup(at.later(), clone)).rejects.toThrow(/--take-over/);
  });

  it('that deployed while this one was building is left as it is', async () => {
    let isFirst = true;
    at.ports.buildWeb = async () => {
      if (!isFirst) return;
      isFirst = false;
      await setup(at.options(), clone);
    };
    await expect(setup(at.options(), at.ports)).rejects.toThrow(
      /Another machine deployed the Worker mainloop while/,
    );
    expect(at.account.worker?.versions).toHaveLength(1);
    expect(at.account.worker?.secrets.get('ENCRYPTION_KEYS')).toBe(
      clone.folder.readSecrets().ENCRYPTION_KEYS,
    );
    await expect(setup(at.later(), at.ports)).rejects.toThrow(/--take-over/);
  });

  it('that deployed over this one is told of, and its keys are not taken for ours', async () => {
    const wrangler = at.ports.wrangler(null);
    at.ports.wrangler = () => async (args, shown) => {
      const run = await wrangler(args, shown);
      Object.assign(at.account.worker?.versions[0] ?? {}, { tag: 'mainloop-of-another' });
      return run;
    };
    await setup(at.options(), at.ports);
    expect(at.said.join('\n')).toMatch(/is not the one that was just deployed/);
    expect(at.ports.folder.read()?.keysSent?.isSure).toBe(false);
  });

  it('whose Worker somebody removed makes it anew', async () => {
    await setup(at.options(), at.ports);
    at.account.worker = null;
    at.account.domains.clear();
    await setup(at.later(), at.ports);
    expect(at.account.domains.get(HOST)).toBe('mainloop');
  });
});
