/** The sections of the settings, each at an address of its own: `/settings/<name>`. */
export const SECTIONS = [
  { name: 'models', title: 'Models', about: 'Which model works on tasks' },
  { name: 'budgets', title: 'Budgets', about: 'How much at once, for how much' },
  { name: 'notifications', title: 'Notifications', about: 'What devices are told, and when' },
  { name: 'repositories', title: 'Repositories', about: 'Instructions, secrets, internet' },
  { name: 'memory', title: 'Memory', about: 'What is kept in mind' },
  { name: 'usage', title: 'Usage', about: 'What was spent, on what' },
  { name: 'appearance', title: 'Appearance', about: 'Colours, rows, dates and numbers' },
  { name: 'connections', title: 'Connections', about: 'Git host, models, health' },
  { name: 'account', title: 'Account', about: 'Who is signed in, your GitHub token' },
] as const;

export type SectionName = (typeof SECTIONS)[number]['name'];

/** The section of this name; null where there is none. */
export const sectionOf = (name: string | undefined) =>
  SECTIONS.find((section) => section.name === name) ?? null;
