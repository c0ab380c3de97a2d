import net from 'node:net';

/**
 * Opens a port on loopback that leads to a socket of the file system: the one way out of a jail that
 * has no network. It ends with this process.
 */
export async function openRelay(port: number, socketPath: string): Promise<void> {
  const server = net.createServer({ allowHalfOpen: true }, (inner) => {
    const outer = net.connect({ path: socketPath, allowHalfOpen: true });
    inner.on('error', () => outer.destroy());
    outer.on('error', () => inner.destroy());
    inner.pipe(outer);
    outer.pipe(inner);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.unref();
}
