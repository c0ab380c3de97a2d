import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from 'playwright-core';
import { PushMessage } from '../../protocol/notification.ts';
import type { PushSubscriptionKeys } from '../../protocol/push.ts';

/** The name under which the product reaches it; `mirrors` says where it is. */
const HOST = 'push.example.com';

/** A push as a device would get it, and what the push service was told of it. */
export type Received = {
  message: PushMessage;
  topic: string | null;
  ttl: number;
  urgency: string | null;
};

export type PushDevice = {
  subscription: PushSubscriptionKeys;
  received: Received[];
  /** What the push service answers for it: 201 while it is reached. */
  status: number;
};

export type PushService = {
  /** For `PUSH_MIRRORS`. */
  mirrors: string;
  /** What it had to refuse, in words: a test expects none. */
  wrong: string[];
  device(): PushDevice;
  stop(): Promise<void>;
};

const b64 = (bytes: Buffer) => bytes.toString('base64url');

/**
 * A push service on loopback that stands in for Google's, Apple's and Mozilla's: it takes what they
 * would (RFC 8030), believes a sender that signs with the key of the subscription (RFC 8292), and
 * decrypts as the device does (RFC 8291).
 */
export async function startPushService(): Promise<PushService> {
  const devices = new Map<string, { keys: DeviceKeys; device: PushDevice }>();
  const wrong: string[] = [];
  const server = createServer((request, response) => {
    void take(request).then((status) => {
      response.statusCode = status;
      response.end();
    });
  });
  async function take(request: IncomingMessage): Promise<number> {
    const known = devices.get(request.url ?? '');
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(Buffer.from(part));
    if (known === undefined) return 404;
    if (known.device.status !== 201) return known.device.status;
    try {
      known.device.received.push(read(request, Buffer.concat(parts), known.keys));
      return 201;
    } catch (error) {
      wrong.push(String(error));
      return 400;
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo;
  return {
    mirrors: JSON.stringify({ [HOST]: `http://127.0.0.1:${port}` }),
    wrong,
    device: () => {
      const keys = newKeys();
      const path = `/${b64(randomBytes(16))}`;
      const device: PushDevice = {
        subscription: {
          endpoint: `https://${HOST}${path}`,
          keys: { p256dh: b64(keys.ecdh.getPublicKey()), auth: b64(keys.auth) },
        },
        received: [],
        status: 201,
      };
      devices.set(path, { keys, device });
      return device;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

type DeviceKeys = { ecdh: ReturnType<typeof createECDH>; auth: Buffer };

function newKeys(): DeviceKeys {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  return { ecdh, auth: randomBytes(16) };
}

function read({ headers }: IncomingMessage, body: Buffer, keys: DeviceKeys): Received {
  const header = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value : null;
  };
  checkSender(header('authorization') ?? '');
  if (header('content-encoding') !== 'aes128gcm') throw new Error('Not in aes128gcm.');
  const topic = header('topic');
  if (topic !== null && !/^[\w-]{1,32}$/.test(topic)) throw new Error(`No topic: ${topic}`);
  return {
    message: PushMessage.parse(JSON.parse(decrypt(body, keys))),
    topic,
    ttl: Number(header('ttl')),
    urgency: header('urgency'),
  };
}

/** The token of VAPID: signed with the key that it comes with, for this service, for at most a day. */
function checkSender(authorization: string): void {
  const { token, key } =
    /^vapid t=(?<token>[\w.-]+), ?k=(?<key>[\w-]+)$/.exec(authorization)?.groups ?? {};
  if (token === undefined || key === undefined) throw new Error('No VAPID token.');
  const [head = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const publicKey = createPublicKey({
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: b64(point.subarray(1, 33)),
      y: b64(point.subarray(33)),
    },
    format: 'jwk',
  });
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) throw new Error('The VAPID token is not signed with its key.');
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const left = Number(exp) - Date.now() / 1_000;
  if (aud !== `https://${HOST}`) throw new Error(`For another service: ${aud}`);
  if (left <= 0 || left > 24 * 60 * 60) throw new Error(`Holds for ${left} s.`);
  if (!/^(?:mailto:.+@.+|https:)/.test(String(sub))) throw new Error(`Nobody to ask: ${sub}`);
}

/** RFC 8188 with the keys of RFC 8291, one record. */
function decrypt(body: Buffer, { ecdh, auth }: DeviceKeys): string {
  if (body.length > 4_096) throw new Error(`Too long: ${body.length} bytes.`);
  const salt = body.subarray(0, 16);
  const idLength = body.readUInt8(20);
  const sender = body.subarray(21, 21 + idLength);
  const sealed = body.subarray(21 + idLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(sender), auth, info, 32));
  const derive = (name: string, length: number) =>
    Buffer.from(
      hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${name}\0`), length),
    );
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  if (end === -1) throw new Error('No last record.');
  return padded.subarray(0, end).toString();
}

/** Makes a browser subscribe at this service: a real one would ask its maker's. */
export async function subscribesAt(context: BrowserContext, device: PushDevice): Promise<void> {
  const subscription = JSON.stringify({ ...device.subscription, expirationTime: null });
  await context.addInitScript({ content: `(${STAND_IN})(${subscription})` });
}

/** In the browser: the two calls that would reach its maker's service. It survives a reload, as a real one does. */
const STAND_IN = `(subscription) => {
  const KEY = 'held-subscription';
  const make = (key) => ({
    endpoint: subscription.endpoint,
    options: {
      userVisibleOnly: true,
      applicationServerKey: Uint8Array.from(
        atob(key.replaceAll('-', '+').replaceAll('_', '/')),
        (character) => character.charCodeAt(0),
      ).buffer,
    },
    toJSON: () => subscription,
    unsubscribe: async () => {
      localStorage.removeItem(KEY);
      return true;
    },
  });
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    localStorage.setItem(KEY, applicationServerKey);
    return make(applicationServerKey);
  };
  PushManager.prototype.getSubscription = async () => {
    const key = localStorage.getItem(KEY);
    return key === null ? null : make(key);
  };
}`;
