/**
 * True when a request may change something or open a socket: it comes from a page of this very
 * origin. Browsers send `Origin` with every WebSocket upgrade and every write; a request without it
 * is none of theirs.
 */
export function isOwnOrigin(request: Request): boolean {
  const origin = request.headers.get('origin');
  return origin !== null && origin === new URL(request.url).origin;
}

/** Reads need no origin; anything else does. */
export function needsOrigin(request: Request): boolean {
  const upgrades = request.headers.get('upgrade')?.toLowerCase() === 'websocket';
  return upgrades || (request.method !== 'GET' && request.method !== 'HEAD');
}
