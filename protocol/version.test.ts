import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Down } from './down.ts';
import { TaskFeed } from './task-feed.ts';
import { Up } from './up.ts';
import { PROTOCOL_VERSION } from './version.ts';

/**
 * The browser's wire as it was when the version was last raised. A page that was loaded before a
 * deploy speaks the old wire: when this fails, raise PROTOCOL_VERSION and put the new hash here.
 */
const PINNED = {
  version: 3,
  hash: '7b82ecc7b16a8e83aa9dcaa0434e70e8faba4fd8e059e12a0feea49a70c927aa',
};

it('the browser’s wire changes only together with its version', () => {
  const schemas = [Up, Down, TaskFeed].map((schema) => z.toJSONSchema(schema));
  const hash = createHash('sha256').update(JSON.stringify(schemas)).digest('hex');
  expect({ version: PROTOCOL_VERSION, hash }).toEqual(PINNED);
});
