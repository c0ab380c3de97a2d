import dgram from 'node:dgram';
import http from 'node:http';

const DNS_PORT = 53;
const HEADER_BYTES = 12;
const LABEL_MAX_BYTES = 63;
/** RFC 1035, 4.1.1: an answer; rcode 5 is REFUSED. */
const IS_ANSWER = 0x80;
const REFUSED = 5;
/** A program asks for both kinds of addresses, and some ask again: that is one look-up. */
const ONE_LOOK_UP_MS = 1_000;
/** Names that wait to be told; more are refused and not told. */
const WAITING_MAX = 100;

/** Where a question's name ends, with the name; null for what is no question. See RFC 1035, 4.1.2. */
function questionOf(query: Buffer): { name: string; end: number } | null {
  const labels: string[] = [];
  if (query.byteLength <= HEADER_BYTES || query.readUInt16BE(4) !== 1) return null;
  for (let at = HEADER_BYTES; at < query.byteLength;) {
    const length = query.readUInt8(at);
    if (length > LABEL_MAX_BYTES) return null;
    if (length === 0) {
      const end = at + 5;
      if (labels.length === 0 || end > query.byteLength) return null;
      // What else a label may hold is no part of a host's name.
      return {
        name: labels
          .join('.')
          .toLowerCase()
          .replaceAll(/[^\w.-]/g, '_'),
        end,
      };
    }
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return null;
}

/** What is said to a question: no. */
export function refusalOf(query: Buffer): { name: string; answer: Buffer } | null {
  const question = questionOf(query);
  if (question === null || (query.readUInt8(2) & IS_ANSWER) !== 0) return null;
  const answer = Buffer.from(query.subarray(0, question.end));
  answer.writeUInt8(query.readUInt8(2) | IS_ANSWER, 2);
  answer.writeUInt8(REFUSED, 3);
  // Records beside the question are none of the answer's.
  answer.fill(0, 6, HEADER_BYTES);
  return { name: question.name, answer };
}

/** Tells each name once a look-up, one after the other. */
export class NameTeller {
  readonly #tell: (name: string) => Promise<void>;
  readonly #told = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #isTelling = false;

  constructor(tell: (name: string) => Promise<void>) {
    this.#tell = tell;
  }

  asked(name: string, now: number): void {
    if (now - (this.#told.get(name) ?? 0) < ONE_LOOK_UP_MS) return;
    if (this.#waiting.size >= WAITING_MAX) return;
    this.#told.delete(name);
    this.#told.set(name, now);
    const [oldest] = this.#told.keys();
    if (this.#told.size > WAITING_MAX && oldest !== undefined) this.#told.delete(oldest);
    this.#waiting.add(name);
    if (!this.#isTelling) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    for (const name of this.#waiting) {
      // Whoever asked was told already; only the task's page would miss it.
      await this.#tell(name).catch(() => {});
      this.#waiting.delete(name);
    }
    this.#isTelling = false;
  }
}

/** Asks the proxy for a name as for an address: it refuses that, counts it, and fetches nothing. */
function tellProxy(proxy: URL, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = proxy;
    http
      .get({ hostname, port, path: `dns://${name}/`, agent: false }, (response) => {
        response.resume();
        response.once('close', resolve);
      })
      .once('error', reject);
  });
}

/**
 * The name service of a jail, which has no network: refuses every question at once, and has its name
 * stand among what the task was refused. It ends with this process.
 */
export async function refuseNames(proxy: string, port = DNS_PORT): Promise<number> {
  const teller = new NameTeller((name) => tellProxy(new URL(proxy), name));
  const socket = dgram.createSocket('udp4');
  socket.on('message', (query, from) => {
    const refused = refusalOf(query);
    if (refused === null) return;
    socket.send(refused.answer, from.port, from.address);
    teller.asked(refused.name, Date.now());
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', resolve);
  });
  // Whoever asked may be gone before its answer.
  socket.on('error', () => {});
  socket.unref();
  return socket.address().port;
}
