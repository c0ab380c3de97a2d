import type { CDPSession, Page } from 'playwright-core';

type AxNode = {
  role?: { value: string };
  name?: { value: string };
  properties?: { name: string; value: { value: unknown } }[];
};

/** More presses than this lead nowhere. */
const TABS_MAX = 40;

/** What has the focus, as assistive technology is told of it. */
export type Focused = { role: string; name: string };

/**
 * A person who has a keyboard and hears what the accessibility tree says, and nothing else: they
 * know roles and names, and reach what they want by Tab.
 */
export async function byKeyboard(page: Page) {
  const devtools: CDPSession = await page.context().newCDPSession(page);
  await devtools.send('Accessibility.enable');
  /** @throws where the focus is nowhere: then Tab begins at the top again. */
  const focused = async (): Promise<Focused> => {
    const { nodes } = (await devtools.send('Accessibility.getFullAXTree')) as { nodes: AxNode[] };
    const all = nodes.filter(({ properties }) =>
      properties?.some(({ name, value }) => name === 'focused' && value.value === true),
    );
    // The document says of itself that it has the focus, too.
    const node = all.find(({ role }) => role?.value !== 'RootWebArea');
    if (node === undefined) {
      const on = await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 200)');
      throw new Error(`The focus is lost, on ${on}`);
    }
    return { role: node.role?.value ?? '', name: node.name?.value ?? '' };
  };
  const is = (at: Focused, role: string, name: string | RegExp) =>
    at.role === role && (typeof name === 'string' ? at.name === name : name.test(at.name));
  /** Presses Tab until this has the focus, unless it has it. @returns how often. */
  const to = async (role: string, name: string | RegExp): Promise<number> => {
    const passed: string[] = [];
    const begun = await focused().catch(() => null);
    if (begun !== null && is(begun, role, name)) return 0;
    for (let count = 1; count <= TABS_MAX; count++) {
      await page.keyboard.press('Tab');
      const at = await focused().catch((error: unknown) => {
        throw new Error(`After ${passed.join(' | ')}`, { cause: error });
      });
      if (is(at, role, name)) return count;
      passed.push(`${at.role} ${at.name}`);
    }
    throw new Error(`No ${role} ${String(name)} among: ${passed.join(' | ')}`);
  };
  return {
    focused,
    to,
    /** Goes there, and presses the key. */
    press: async (key: string, role: string, name: string | RegExp) => {
      await to(role, name);
      await page.keyboard.press(key);
    },
  };
}
