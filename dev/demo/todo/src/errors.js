/** Something that the person can put right; the message is one sentence for them. */
export class UsageError extends Error {}
