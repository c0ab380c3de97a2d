import type { BrowserContext, Page } from 'playwright-core';
import { conversation, say } from '../harness/browser.ts';
import { ITEMS } from './inbox.ts';
import type { WrittenServer } from '../harness/written-thread.ts';
import { TASKS } from './tasks.ts';

/** A browser that sees one written conversation. */
export type World = { context: BrowserContext; page: Page; server: WrittenServer };

/** A place of the app: its address, and what shows that it is there. */
export type Place = {
  path: string;
  /** What is done there before it is looked at. */
  does?: (world: World) => Promise<void>;
  isThere(page: Page): Promise<void>;
};

const item = (name: keyof typeof ITEMS): Place => ({
  path: `/inbox/${ITEMS[name].id}`,
  isThere: (page) =>
    page.getByRole('main').getByRole('article', { name: ITEMS[name].title }).waitFor(),
});
const region = (section: string): Place => ({
  path: `/settings/${section.toLowerCase()}`,
  isThere: (page) => page.getByRole('region', { name: section, exact: true }).waitFor(),
});
const text = (page: Page, words: string | RegExp) =>
  page.getByRole('main').getByText(words).first().waitFor();

/** Every place, by the name that its pictures have. */
export const PLACES: Record<string, Place> = {
  chat: {
    path: '/',
    isThere: (page) => conversation(page).getByText('Started in acme/site').waitFor(),
  },
  inbox: {
    path: '/inbox',
    isThere: (page) => page.getByRole('list', { name: 'Needs you' }).waitFor(),
  },
  'inbox-question': item('question'),
  'inbox-plan': item('plan'),
  'inbox-review': item('review'),
  'inbox-review-failing': item('red'),
  'inbox-failure': item('failure'),
  'inbox-budget': item('budget'),
  'inbox-word': item('word'),
  'inbox-alert': item('alert'),
  'inbox-settled': item('approved'),
  tasks: { path: '/tasks', isThere: (page) => text(page, TASKS.dark.title) },
  'task-activity': {
    path: `/tasks/${TASKS.json.id}`,
    isThere: (page) => text(page, 'Pushed the branch'),
  },
  'task-queued': {
    path: `/tasks/${TASKS.rates.id}`,
    isThere: (page) => text(page, 'Nothing yet. It begins when its turn comes.'),
  },
  'task-changes': {
    path: `/tasks/${TASKS.json.id}?tab=changes`,
    isThere: (page) =>
      page
        .getByRole('group', { name: /^Lines of / })
        .first()
        .waitFor(),
  },
  'task-plan': {
    path: `/tasks/${TASKS.store.id}?tab=plan`,
    isThere: (page) => text(page, 'What changes'),
  },
  'task-usage': {
    path: `/tasks/${TASKS.json.id}?tab=usage`,
    isThere: (page) => text(page, '184,300'),
  },
  'task-failed': {
    path: `/tasks/${TASKS.failed.id}`,
    isThere: (page) => page.getByRole('main').getByRole('button', { name: 'Retry' }).waitFor(),
  },
  search: {
    path: '/search?q=json',
    isThere: (page) => page.getByRole('region', { name: 'Tasks', exact: true }).waitFor(),
  },
  palette: {
    path: '/tasks',
    does: ({ page }) => page.keyboard.press('Control+k'),
    isThere: (page) => page.getByRole('dialog', { name: 'Go to or do' }).waitFor(),
  },
  settings: {
    path: '/settings',
    isThere: (page) => page.getByRole('navigation', { name: 'Settings' }).waitFor(),
  },
  'settings-models': region('Models'),
  'settings-budgets': region('Budgets'),
  'settings-notifications': region('Notifications'),
  'settings-repositories': region('Repositories'),
  'settings-repository': {
    path: `/settings/repositories#${encodeURIComponent(TASKS.json.repository)}`,
    isThere: (page) =>
      page.getByRole('checkbox', { name: 'Trust what it brings for workers' }).first().waitFor(),
  },
  'settings-memory': region('Memory'),
  'settings-usage': {
    ...region('Usage'),
    isThere: (page) => page.getByRole('region', { name: 'By repository' }).waitFor(),
  },
  'settings-appearance': region('Appearance'),
  'settings-connections': {
    ...region('Connections'),
    isThere: (page) => page.getByRole('heading', { name: 'Postgres' }).waitFor(),
  },
  'settings-account': {
    ...region('Account'),
    isThere: (page) => page.getByRole('button', { name: 'Replace' }).waitFor(),
  },
  // The last one: what waits is sent where one goes from here.
  offline: {
    path: '/',
    does: async ({ page, context, server }) => {
      await conversation(page).getByText('Started in acme/site').waitFor();
      server.line('gone');
      await context.setOffline(true);
      await say(page, 'Use the accent colour for links, too.');
    },
    isThere: (page) => page.getByText('Waits for the connection').waitFor(),
  },
};

/** What is there before anything was said. */
export const FIRST_RUN: Record<string, Place> = {
  'first-run': {
    path: '/',
    isThere: (page) => page.getByText('What should get done?').waitFor(),
  },
  'first-inbox': { path: '/inbox', isThere: (page) => text(page, /^Nothing/) },
  'first-tasks': { path: '/tasks', isThere: (page) => text(page, /^No tasks yet/) },
};
