/** Of the product, as package.json has it. */
export const PRODUCT_VERSION = '0.1.0';

/** Raised whenever what an older page says or reads changes; `version.test.ts` holds the schemas' hashes. */
export const PROTOCOL_VERSION = 17;
