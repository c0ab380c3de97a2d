import { describe, expect, it } from 'vitest';
import { pushesOnly, readPushHead } from './pkt-line.ts';
import { AFTER, BEFORE, FLUSH, ZERO, bytesOf, packet, pushHead } from './testing/push.ts';

const BRANCH = 'mainloop/add-a-flag';
const REF = `refs/heads/${BRANCH}`;
const read = (text: string) => readPushHead(bytesOf(text));

describe('the head of a push', () => {
  it('is read up to its flush, whatever pack follows', () => {
    const text = pushHead([{ before: BEFORE, ref: REF }, { ref: 'refs/heads/other' }]);
    const pack = `PACK\0\0\0\u0002${FLUSH}`;
    expect(read(text + pack)).toEqual({
      is: 'complete',
      commands: [
        { before: BEFORE, after: AFTER, ref: REF },
        { before: ZERO, after: AFTER, ref: 'refs/heads/other' },
      ],
    });
  });

  it('is incomplete at every cut before its end', () => {
    const bytes = bytesOf(pushHead([{ ref: REF }, { ref: 'refs/heads/ümlaut' }]));
    for (let cut = 0; cut < bytes.byteLength; cut++) {
      expect(readPushHead(bytes.subarray(0, cut))).toEqual({ is: 'incomplete' });
    }
    expect(readPushHead(bytes)).toMatchObject({ is: 'complete' });
  });

  it('takes SHA-256 names and lines that end', () => {
    const [before, after] = ['1'.repeat(64), '2'.repeat(64)];
    expect(read(packet(`${before} ${after} ${REF}\n`) + FLUSH)).toEqual({
      is: 'complete',
      commands: [{ before, after, ref: REF }],
    });
  });

  it('may hold no command at all', () => {
    expect(read(FLUSH)).toEqual({ is: 'complete', commands: [] });
  });

  it.each([
    ['a length that is no number', 'zzzz'],
    ['a signed length', '+00f'],
    ['a delimiter packet', `0001${FLUSH}`],
    ['an empty packet', `0004${FLUSH}`],
    ['a shallow line', packet(`shallow ${BEFORE}`) + FLUSH],
    ['a signed push', packet('push-cert\0 report-status\n') + FLUSH],
    ['a command without a ref', packet(`${BEFORE} ${AFTER}`) + FLUSH],
    ['a command with an empty ref', packet(`${BEFORE} ${AFTER} `) + FLUSH],
    ['names that are too short', packet(`${'a'.repeat(39)} ${AFTER} ${REF}`) + FLUSH],
    ['names in upper case', packet(`${'A'.repeat(40)} ${AFTER} ${REF}`) + FLUSH],
    ['an HTTP answer', 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('is malformed with %s', (_, text) => {
    expect(read(text)).toEqual({ is: 'malformed' });
  });
});

describe('a push is for the task’s branch only', () => {
  const allows = (commands: Parameters<typeof pushHead>[0]) => {
    const head = read(pushHead(commands));
    return head.is === 'complete' && pushesOnly(head.commands, BRANCH);
  };

  it('when it creates or updates it', () => {
    expect(allows([{ before: ZERO, ref: REF }])).toBe(true);
    expect(allows([{ before: BEFORE, ref: REF }])).toBe(true);
  });

  it.each([
    ['nothing is pushed', []],
    ['it is deleted', [{ before: BEFORE, after: ZERO, ref: REF }]],
    ['it is deleted by its SHA-256 name', [{ after: '0'.repeat(64), ref: REF }]],
    ['another branch is pushed', [{ ref: 'refs/heads/main' }]],
    ['another branch is pushed besides', [{ ref: REF }, { ref: 'refs/heads/main' }]],
    ['a tag has its name', [{ ref: `refs/tags/${BRANCH}` }]],
    ['a branch below it is pushed', [{ ref: `${REF}/x` }]],
    ['a branch that begins like it is pushed', [{ ref: `${REF}x` }]],
    ['the name has no place', [{ ref: BRANCH }]],
    ['the case differs', [{ ref: REF.toUpperCase() }]],
  ])('and not when %s', (_, commands) => {
    expect(allows(commands)).toBe(false);
  });
});
