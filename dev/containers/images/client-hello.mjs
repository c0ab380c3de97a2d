// The server name in a TLS ClientHello (RFC 8446, 4.1.2; RFC 6066, 3).

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;

/**
 * @param {Buffer} bytes what a connection began with
 * @returns {{ is: 'more' } | { is: 'other' } | { is: 'hello', name: string }} `more` when the record
 *   is not whole yet, `other` for what is no TLS or names no server
 */
export function readClientHello(bytes) {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return { is: 'other' };
  if (bytes.length < 5) return { is: 'more' };
  const end = 5 + bytes.readUInt16BE(3);
  if (bytes.length < end) return { is: 'more' };
  try {
    if (bytes[5] !== CLIENT_HELLO) return { is: 'other' };
    // Type and length, version, random; then the session's id, ciphers, compressions.
    let at = 5 + 4 + 2 + 32;
    at += 1 + bytes[at];
    at += 2 + bytes.readUInt16BE(at);
    at += 1 + bytes[at];
    const last = at + 2 + bytes.readUInt16BE(at);
    for (at += 2; at < last;) {
      const type = bytes.readUInt16BE(at);
      const length = bytes.readUInt16BE(at + 2);
      if (type === SERVER_NAME) {
        const size = bytes.readUInt16BE(at + 7);
        return { is: 'hello', name: bytes.toString('latin1', at + 9, at + 9 + size) };
      }
      at += 4 + length;
    }
  } catch {
    // Not what it seems to be.
  }
  return { is: 'other' };
}
