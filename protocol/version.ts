/** Raised whenever what an older page says or reads changes; `version.test.ts` holds the schemas' hashes. */
export const PROTOCOL_VERSION = 8;
