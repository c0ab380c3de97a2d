/** What a person may try first with the demo repositories. */
export const DEMO_EXAMPLES = [
  'Add a --json flag to the list command',
  'Add an export command',
  'Fix the done command when the number is out of range',
  'Which repositories do you see?',
];

/** And with repositories of their own, whatever these hold: what there is, a look at it, a change of it. */
export const EXAMPLES = [
  'Which repositories do you see?',
  'Explain to me how one of my repositories is built up',
  'Find one small thing to improve in one of my repositories, and improve it',
];
