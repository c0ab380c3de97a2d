import { useLocation, useNavigate } from '@solidjs/router';
import type { InboxItem } from '../../protocol/inbox.ts';
import { INBOX_ICONS, kindWords } from '../inbox/kinds.ts';
import { useMainloop } from '../state/context.tsx';
import { openItems } from '../state/selectors.ts';
import { STATUS_ICONS } from '../tasks/status.tsx';
import { chooseTheme, theme } from '../ui/theme.ts';
import { write, writeNext } from '../ui/write.ts';
import type { Entry } from './entries.ts';

const PLACES = [
  { href: '/', label: 'Chat', note: 'g c', icon: 'chat' },
  { href: '/inbox', label: 'Inbox', note: 'g i', icon: 'inbox' },
  { href: '/tasks', label: 'Tasks', note: 'g t', icon: 'tasks' },
  { href: '/search', label: 'Search', note: '/', icon: 'search' },
  { href: '/settings', label: 'Settings', note: 'g s', icon: 'settings' },
] as const;

const SECTIONS = [
  { href: '/settings/models', label: 'Models', also: 'opus sonnet haiku default' },
  { href: '/settings/budgets', label: 'Budgets', also: 'limits money parallel' },
  { href: '/settings/notifications', label: 'Notifications', also: 'push devices quiet' },
  {
    href: '/settings/repositories',
    label: 'Repositories',
    also: 'instructions mode secrets egress',
  },
  { href: '/settings/memory', label: 'Memory', also: 'remember instructions' },
  { href: '/settings/usage', label: 'Usage', also: 'cost spent money' },
  { href: '/settings/appearance', label: 'Appearance', also: 'theme dark light language density' },
  {
    href: '/settings/connections',
    label: 'Connections',
    also: 'health git host models postgres installation version',
  },
] as const;

const THEMES = [
  { value: '', label: 'as the system' },
  { value: 'light', label: 'light' },
  { value: 'dark', label: 'dark' },
] as const;

/** All that the palette offers now: what can be done first, then where one can go. */
export function useOffered(): () => Entry[] {
  const { state, act, hold } = useMainloop();
  const navigate = useNavigate();
  const location = useLocation();

  const approve = (item: Extract<InboxItem, { kind: 'plan' }>): Entry => {
    const { id: planId, hash } = item.plan;
    const command = {
      do: 'decide',
      planId,
      hash,
      verdict: { is: 'approve', alternative: null },
    } as const;
    return {
      id: `approve ${item.id}`,
      label: `Approve the plan of ${item.title}`,
      note: item.repository,
      icon: 'check',
      also: '',
      // Unseen, as it may be: there is a way back.
      to: () =>
        hold({ type: 'task', taskId: item.taskId, command }, `Approving the plan of ${item.title}`),
    };
  };

  const actions = (): Entry[] => {
    const items = openItems(state);
    const [first] = items;
    const plan = items.find((item) => item.kind === 'plan');
    const last = state.messages.at(-1);
    const streams = last?.from === 'mainloop' && last.state.is === 'streaming';
    return [
      {
        id: 'write',
        label: 'New message',
        note: 'm',
        icon: 'send',
        also: 'write say task',
        to: () => {
          if (location.pathname === '/') return write();
          writeNext();
          navigate('/');
        },
      },
      ...(streams
        ? [
            {
              id: 'stop',
              label: 'Stop the reply',
              note: '',
              icon: 'stop',
              also: '',
              to: () => act({ type: 'stop' }),
            } as const,
          ]
        : []),
      ...(first === undefined
        ? []
        : [
            {
              id: 'first',
              label: `Needs you: ${first.title}`,
              note: kindWords(first),
              icon: INBOX_ICONS[first.kind],
              also: 'inbox answer approve review',
              to: `/inbox/${first.id}`,
            },
          ]),
      ...(plan === undefined ? [] : [approve(plan)]),
    ];
  };

  const tasks = (): Entry[] =>
    Object.values(state.tasks)
      .toSorted((one, other) => other.createdAt - one.createdAt)
      .map((task) => ({
        id: task.id,
        label: task.title,
        note: task.status,
        icon: STATUS_ICONS[task.status],
        also: task.repository,
        to: `/tasks/${task.id}`,
      }));

  const repositories = (): Entry[] => {
    const names = [
      ...state.repositories.map(({ name }) => name),
      ...Object.values(state.tasks).map(({ repository }) => repository),
    ];
    return [...new Set(names)].toSorted().map((name) => ({
      id: `tasks of ${name}`,
      label: `Tasks of ${name}`,
      note: '',
      icon: 'tasks',
      also: 'repository',
      to: `/tasks?repository=${encodeURIComponent(name)}`,
    }));
  };

  return () => [
    ...actions(),
    ...PLACES.map(({ href, ...place }) => ({ id: href, also: 'go', ...place, to: href })),
    ...tasks(),
    ...repositories(),
    ...SECTIONS.map(({ href, label, also }) => ({
      id: href,
      label,
      note: 'Settings',
      icon: 'settings' as const,
      also,
      to: href,
    })),
    ...THEMES.filter(({ value }) => value !== theme()).map(({ value, label }) => ({
      id: `theme ${value}`,
      label: `Appearance: ${label}`,
      note: '',
      icon: 'settings' as const,
      also: 'theme colours',
      to: () => chooseTheme(value),
    })),
  ];
}
