import { reset } from 'cloudflare:test';
import { afterAll } from 'vitest';
import { silenceTasks } from '../tasks/testing/open-task.ts';

// Files share one workerd, which saves its start and all imports; what one stored, the next does not find.
afterAll(async () => {
  await silenceTasks();
  await reset();
});
