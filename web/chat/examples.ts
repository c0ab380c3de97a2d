/** What a person may try first with the demo repositories. */
export const DEMO_EXAMPLES = [
  'Add a --json flag to the list command',
  'Add an export command',
  'Fix the done command when the number is out of range',
  'Which repositories do you see?',
];

/** And with repositories of their own, whatever these hold. */
export const EXAMPLES = ['Which repositories do you see?', 'What can you do?'];
