import { expect, it } from 'vitest';
import { planParts } from './plan-parts.ts';

const PLAN = `# Export

1. Write it.

## Alternatives

- **Everything**: all todos, also those
  that are done.
- **Only what is open** – smaller files.

## Risks

None.`;

it('takes the alternatives out of the text, each with what is said of it', () => {
  expect(planParts(PLAN, ['Everything', 'Only what is open'])).toEqual({
    text: '# Export\n\n1. Write it.\n\n## Risks\n\nNone.',
    ways: [
      { name: 'Everything', says: 'all todos, also those that are done.' },
      { name: 'Only what is open', says: 'smaller files.' },
    ],
    offersAsPlanned: false,
  });
});

it('leaves them in the text where it cannot tell which is which', () => {
  const { text, ways } = planParts(PLAN, ['Everything', 'Something else']);
  expect(text).toBe(PLAN);
  expect(ways).toEqual([
    { name: 'Everything', says: '' },
    { name: 'Something else', says: '' },
  ]);
});

it('knows when the plan itself is among what it offers', () => {
  expect(planParts('So.', ['As planned', 'Smaller']).offersAsPlanned).toBe(true);
  expect(planParts(PLAN, ['Everything', 'Only what is open']).offersAsPlanned).toBe(false);
  expect(planParts(PLAN, [])).toEqual({ text: PLAN, ways: [], offersAsPlanned: false });
});
