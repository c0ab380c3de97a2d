import * as z from 'zod/mini';

/**
 * How the host of local sandboxes hands the Worker a request that leaves one: the request as it is, to
 * `/gateway/egress`, with these beside its own headers.
 */
export const EGRESS_HEADERS = {
  /** The host's own key: a sandbox has it not. */
  key: 'x-mainloop-host-key',
  /** The task token of the sandbox. */
  token: 'x-mainloop-token',
  /** The URL that it asked for. */
  url: 'x-mainloop-url',
} as const;

/** The host’s answer to `GET /names/<name>`: where the name leads; `inside` is an address that is not public. */
export const LookedUp = z.object({ leads: z.enum(['outside', 'inside', 'nowhere']) });
export type Leads = z.infer<typeof LookedUp>['leads'];
