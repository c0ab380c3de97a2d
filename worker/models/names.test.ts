import { expect, it } from 'vitest';
import { workerModelName } from './names.ts';

it('every alias stands for the model that the installation names', () => {
  const names = { MODEL_OPUS: 'opus-x', MODEL_SONNET: 'sonnet-x', MODEL_HAIKU: 'haiku-x' };
  const full = (['opus', 'sonnet', 'haiku'] as const).map((one) => workerModelName(names, one));
  expect(full).toEqual(['opus-x', 'sonnet-x', 'haiku-x']);
});
