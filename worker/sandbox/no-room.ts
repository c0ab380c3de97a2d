/**
 * What Cloudflare says when a container cannot be had for now. The texts are the platform's own; as
 * of @cloudflare/sandbox 0.12.10 and @cloudflare/containers 0.3.5, which match them too, there is
 * no code beside them.
 */
const NO_ROOM = [
  'there is no container instance that can be provided to this durable object',
  'there is no container instance available at this time',
  'maximum number of running container instances exceeded',
  'you are requesting too many containers per second',
  // It never ran: the image is not there yet, or (in a local engine) anything else.
  'container failed to start',
];
const CAUSES_MAX = 8;

/**
 * The platform's words when what was thrown says that there is no room for a container now, and null
 * when it says anything else. It may come from another realm, wrapped: so neither its class counts
 * nor its depth.
 */
export function noRoom(thrown: unknown): string | null {
  let at = thrown;
  for (let depth = 0; depth < CAUSES_MAX && at !== null && at !== undefined; depth++) {
    const text = typeof at === 'object' && 'message' in at ? String(at.message) : String(at);
    if (NO_ROOM.some((known) => text.toLowerCase().includes(known))) return text;
    at = typeof at === 'object' && 'cause' in at ? at.cause : null;
  }
  return null;
}
