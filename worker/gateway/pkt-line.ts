/** A ref update that a push asks for. An `after` of only zeros is a deletion. */
export type RefCommand = { before: string; after: string; ref: string };

export type PushHead =
  | { is: 'complete'; commands: RefCommand[] }
  | { is: 'incomplete' }
  | { is: 'malformed' };

/** Far more than one branch needs, and little enough to hold. */
export const PUSH_HEAD_MAX_BYTES = 64 * 1024;

const COMMAND = /^(?<before>[0-9a-f]{40,64}) (?<after>[0-9a-f]{40,64}) (?<ref>[^\0\n]+)/;

/**
 * Reads the commands at the beginning of a push, up to the flush packet that ends them.
 * https://git-scm.com/docs/pack-protocol#_reference_update_request_and_packfile_transfer
 */
export function readPushHead(bytes: Uint8Array): PushHead {
  const decoder = new TextDecoder();
  const commands: RefCommand[] = [];
  let at = 0;
  for (;;) {
    if (bytes.byteLength < at + 4) return { is: 'incomplete' };
    const head = decoder.decode(bytes.subarray(at, at + 4));
    if (!/^[0-9a-f]{4}$/i.test(head)) return { is: 'malformed' };
    const length = Number.parseInt(head, 16);
    if (length === 0) return { is: 'complete', commands };
    if (length <= 4) return { is: 'malformed' };
    if (bytes.byteLength < at + length) return { is: 'incomplete' };
    const line = decoder.decode(bytes.subarray(at + 4, at + length));
    const match = COMMAND.exec(line);
    if (match?.groups === undefined) return { is: 'malformed' };
    const { before = '', after = '', ref = '' } = match.groups;
    commands.push({ before, after, ref });
    at += length;
  }
}

/** True when a push does nothing but create or update this one branch. */
export function pushesOnly(commands: RefCommand[], branch: string): boolean {
  return (
    commands.length > 0 &&
    commands.every(({ after, ref }) => ref === `refs/heads/${branch}` && !/^0+$/.test(after))
  );
}
