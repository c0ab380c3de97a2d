import { describe, expect, it } from 'vitest';
import { harmless, quotedHarmless } from './harmless.ts';

/** Where something was parted, to be seen. */
const seen = (text: string, own = '') => harmless(text, own).replaceAll('\u2060', '¦');

describe('a worker’s words', () => {
  it.each([
    ['Thanks @org/team and @ana.', 'Thanks @¦org/team and @¦ana.'],
    ['_x_@ana \\@ana *@ana', '_x_@¦ana \\@¦ana *@¦ana'],
    ['&#64;ana &commat;ana', '&amp;#64;ana &amp;commat;ana'],
    ['ana@example.org', 'ana@example.org'],
    ['Use `@scope/name` as before.', 'Use `@scope/name` as before.'],
    ['```sh\nnpm i @scope/name\n```\n@ana', '```sh\nnpm i @scope/name\n```\n@¦ana'],
  ])('call nobody, and stay as they are in code: %j', (text, as) => {
    expect(seen(text)).toBe(as);
  });

  it.each([
    'a backtick of the line before: `a\n` @ana `',
    'an escaped one: \\` @ana `',
    'one in an address: <https://x.example/`> @ana `',
    'markup: <div>\n```\n@ana\n```',
    'a comment: <!--\n```\n--> @ana',
    'a fence that an indented one closed:\n ```\n```\n@ana',
    'cells: | a ` b | c ` d ` @ana ` |',
    'a label: [^`]: @ana `',
  ])('call nobody from what only looks like code: %s', (text) => {
    expect(seen(text)).toContain('@¦ana');
  });

  it.each([
    ['Closes #12', 'C¦loses #12'],
    ['fixed: GH-12 and resolves\n**#13**', 'f¦ixed: GH-12 and r¦esolves\n**#13**'],
    ['Fix org/other#3', 'F¦ix org/other#3'],
    ['close <b>#12</b>', 'c¦lose <b>#12</b>'],
    [
      'Resolves https://github.com/org/other/issues/3.',
      'R¦esolves https://github.com/org/other/issues/3.',
    ],
    ['It follows #12; the fix of hotfix #3 stays.', 'It follows #12; the fix of hotfix #3 stays.'],
  ])('close no issue: %j', (text, as) => {
    expect(seen(text)).toBe(as);
  });

  it('close what the person named, and nothing that only begins so', () => {
    expect(seen('Closes #12', 'Mend #12 please')).toBe('Closes #12');
    expect(seen('Closes #12', 'Mend issue 12')).toBe('Closes #12');
    expect(seen('Closes #1', 'Mend #12 for 1 person')).toBe('C¦loses #1');
    expect(seen('Closes org/other#12', 'Mend #12')).toBe('C¦loses org/other#12');
    expect(seen('Closes org/other#12', 'Mend Org/other#12')).toBe('Closes org/other#12');
  });

  it('order no program about, be it from within code', () => {
    expect(seen('/lgtm\n  /approve now\nbors r+\n/usr/bin/env')).toBe(
      '¦/lgtm\n  ¦/approve now\n¦bors r+\n/usr/bin/env',
    );
    expect(seen('```\n/approve\n```')).toBe('```\n¦/approve\n```');
    expect(quotedHarmless('One\r\n\n/lgtm', '')).toBe('> One\n>\n> \u2060/lgtm');
  });

  it('end the code that they began, so that what stands below is none', () => {
    expect(seen('~~~js\na')).toBe('~~~js\na\n~~~');
    expect(seen('````\n```\na')).toBe('````\n```\na\n````');
  });

  it('are read in no time, whatever they are', () => {
    const texts = ['`', '`` ', '@', '<', 'close ', 'fix  <', '&', '~~~', '/a ', '[`]: '];
    const began = performance.now();
    for (const text of texts) harmless(text.repeat(60_000 / text.length), '');
    harmless(Array.from({ length: 340 }, (_, at) => `${'`'.repeat(at)} `).join(''), '');
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
