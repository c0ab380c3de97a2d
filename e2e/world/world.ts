import type { Written } from '../harness/written-thread.ts';
import { ACTIVITY } from './activity.ts';
import { ANSWERS, DEVICES, REPOSITORIES, SETTINGS, SPENT_TODAY } from './answers.ts';
import { MESSAGES } from './conversation.ts';
import { ITEMS } from './inbox.ts';
import { NOW, TASKS } from './tasks.ts';

/** A morning in which everything happens that can: what a page looks like that is in use. */
export const WORLD: Written = {
  inbox: Object.values(ITEMS),
  tasks: Object.values(TASKS),
  messages: MESSAGES,
  queue: [{ taskId: TASKS.rates.id, after: null }],
  settings: SETTINGS,
  repositories: REPOSITORIES,
  devices: DEVICES,
  spending: { day: new Date(NOW).toISOString().slice(0, 'YYYY-MM-DD'.length), cost: SPENT_TODAY },
  answers: ANSWERS,
  activity: {
    [TASKS.json.id]: ACTIVITY,
    [TASKS.dark.id]: ACTIVITY.slice(0, 16),
    [TASKS.failed.id]: ACTIVITY.slice(0, 12),
  },
};

/** Before anything was said. */
export const EMPTY: Written = { inbox: [], repositories: REPOSITORIES };
