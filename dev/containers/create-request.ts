import * as z from 'zod/mini';

const Wanted = z.looseObject({
  HostConfig: z._default(z.looseObject({ CapDrop: z.nullish(z.array(z.string())) }), {}),
});

/**
 * A request for a new container in which that has no raw sockets: by frames of its own, root in it
 * would speak past the rules that stand for the platform's network. Null while not all of it has come.
 *
 * @throws where it does not say how long it is, or asks for no container.
 */
export function withoutRawSockets(request: Buffer): Buffer | null {
  const end = request.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = request.toString('latin1', 0, end);
  const length = /^content-length: *(?<bytes>\d+) *$/im.exec(head)?.groups?.bytes;
  if (length === undefined) throw new Error('A request for a container has no content-length.');
  const body = request.subarray(end + 4);
  if (body.byteLength < Number(length)) return null;
  const { HostConfig, ...rest } = Wanted.parse(JSON.parse(body.toString()));
  const CapDrop = [...(HostConfig.CapDrop ?? []), 'NET_RAW'];
  const made = Buffer.from(JSON.stringify({ ...rest, HostConfig: { ...HostConfig, CapDrop } }));
  const changed = head.replace(/^content-length:.*$/im, `content-length: ${made.byteLength}`);
  return Buffer.concat([Buffer.from(`${changed}\r\n\r\n`, 'latin1'), made]);
}
