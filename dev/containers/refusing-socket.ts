import { rmSync } from 'node:fs';
import net from 'node:net';
import { withoutRawSockets } from './create-request.ts';

/** How a request for a new container begins. */
const CREATE = /^POST \S*\/containers\/create\?name=(?<name>[\w.-]+) /;
/** What workerd calls a sandbox's container; its sidecar's name ends in `-proxy`. */
export const SANDBOX = /-TaskSandbox-[0-9a-f]{64}$/;

/**
 * A container engine's socket in front of another, which can be told to have no room, and which gives
 * sandboxes no raw sockets.
 */
export type RefusingSocket = {
  /** The reason to give to whoever wants a new sandbox; null to let it through. */
  refuse(reason: string | null): void;
  /** Names of the containers that were asked for here and not refused. */
  created: ReadonlySet<string>;
  close(): void;
};

/** workerd asks each thing over a connection of its own: so its first line is all that has to be read. */
export async function refusingSocket(path: string, target: string): Promise<RefusingSocket> {
  rmSync(path, { force: true });
  let reason: string | null = null;
  const created = new Set<string>();
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    const refuse = (message: string) => {
      const body = JSON.stringify({ message });
      client.end(
        `HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
    };
    /** Hands on what has come, and from then on all that comes. */
    const handOn = (begin: Buffer) => {
      client.pause();
      const upstream = net.connect({ path: target, allowHalfOpen: true });
      open.add(upstream);
      upstream.on('close', () => open.delete(upstream));
      upstream.on('error', () => client.destroy());
      client.on('error', () => upstream.destroy());
      upstream.write(begin);
      client.pipe(upstream);
      upstream.pipe(client);
    };
    let sandbox: Buffer | null = null;
    const gather = (more: Buffer) => {
      sandbox = Buffer.concat([sandbox ?? Buffer.alloc(0), more]);
      try {
        const whole = withoutRawSockets(sandbox);
        if (whole === null) return;
        client.off('data', gather);
        handOn(whole);
      } catch (error) {
        client.off('data', gather);
        refuse(String(error));
      }
    };
    client.once('data', (head) => {
      const name = CREATE.exec(head.toString('latin1', 0, 300))?.groups?.name ?? null;
      // Sidecars are let through.
      const isSandbox = name !== null && SANDBOX.test(name);
      if (reason !== null && isSandbox) return refuse(reason);
      if (name !== null) created.add(name);
      if (!isSandbox) return handOn(head);
      client.on('data', gather);
      return gather(head);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    created,
    refuse: (why) => {
      reason = why;
    },
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
