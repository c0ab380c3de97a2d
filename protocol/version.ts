/** Raised whenever a schema of the browser's wire changes; `version.test.ts` holds the schemas' hash. */
export const PROTOCOL_VERSION = 3;
