import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setup } from './setup.ts';
import { type World, HOST, world } from './testing/world.ts';

let at: World;
beforeEach(async () => {
  at = await world();
  await setup(at.options(), at.ports);
  at.standIn.calls.length = 0;
});
afterEach(() => at.close());

/** A shell that was set up for something else. */
const inShellOf = (variables: Record<string, string>) => ({
  ...at.ports,
  environment: { ...at.ports.environment, ...variables },
});
const OTHER = {
  DATABASE_URL: 'postgres://shop:pass@shop.example.net/shop',
  GITHUB_TOKEN: 'github_pat_of_the_shop',
  ANTHROPIC_BASE_URL: 'https://gateway.example.net',
  CLAUDE_CODE_OAUTH_TOKEN: 'of-the-shop',
  MAINLOOP_HOST: 'shop.example.com',
  MAINLOOP_NAME: 'shop',
};

describe('in a shell that was set up for another project', () => {
  it('an installation that runs stays as it is, and what was left aside is named', async () => {
    const kept = at.ports.folder.readSecrets();
    expect(await setup(at.later(), inShellOf(OTHER))).toBe(false);
    expect(at.standIn.writes()).toEqual([]);
    expect(at.ports.folder.readSecrets()).toEqual(kept);
    const told = at.said.find((line) => line.startsWith('Left aside: ')) ?? '';
    for (const name of Object.keys(OTHER)) expect(told).toContain(name);
    expect(told).not.toContain('github_pat_of_the_shop');
  });

  it('a flag, or the word that the environment is meant, changes it', async () => {
    const { GITHUB_TOKEN, DATABASE_URL } = OTHER;
    const ports = inShellOf({ GITHUB_TOKEN, DATABASE_URL });
    await setup(at.later('--github-token=github_pat_2'), ports);
    expect(at.account.worker?.secrets.get('GITHUB_TOKEN')).toBe('github_pat_2');
    await setup(at.later('--use-environment'), ports);
    expect(at.account.worker?.secrets.get('GITHUB_TOKEN')).toBe(GITHUB_TOKEN);
    expect([...at.account.hyperdrives.values()]).toMatchObject([
      { origin: { host: 'shop.example.net' } },
    ]);
  });

  it('nothing is said where it says the same', async () => {
    const same = { MAINLOOP_HOST: HOST, GITHUB_TOKEN: 'github_pat_1' };
    at.said.length = 0;
    expect(await setup(at.later(), inShellOf(same))).toBe(false);
    expect(at.said).toEqual([expect.stringMatching(/^Nothing had to be changed/)]);
  });
});

it('a second name in the folder of the first stops, and says where it belongs', async () => {
  const known = at.ports.folder.read();
  await expect(setup(at.later('--name=second'), at.ports)).rejects.toThrow(
    /holds the installation mainloop\. .*MAINLOOP_INSTALLATION_DIR=\.installation-second/,
  );
  expect(at.standIn.writes()).toEqual([]);
  expect(at.ports.folder.read()).toEqual(known);
});
