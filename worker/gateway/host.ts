/** The name under which containers reach the gateway: what they send there is handed to it, and goes through no network. */
export const GATEWAY_HOST = 'gateway.internal';

/** True when sandboxes reach the gateway by that name: then it has nothing to answer to anybody else. */
export const isHandedOver = (gatewayUrl: string): boolean =>
  URL.parse(gatewayUrl)?.hostname === GATEWAY_HOST;
