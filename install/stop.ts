/** Ends a command with one plain sentence for whoever runs it. Anything else that is thrown is a bug. */
export class Stop extends Error {}

/** Nobody is signed in to Cloudflare, and nobody can be or wants to. */
export class NotSignedIn extends Stop {}
