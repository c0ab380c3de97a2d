import type { ManifestOptions } from 'vite-plugin-pwa';

/** Where the system sends what somebody shares with the app: the service worker takes it (share-target.ts). */
export const SHARE_PATH = '/share';

/** Pictures that only the system shows that the app is installed on: the app itself keeps none of them. */
export const SYSTEM_PICTURES = ['shortcut-*', 'icon-m*', 'screenshot-*'];

/** How the app stands among others on a system: https://www.w3.org/TR/appmanifest/. */
export const MANIFEST: Partial<ManifestOptions> = {
  id: '/',
  name: 'Mainloop',
  short_name: 'Mainloop',
  description: 'One conversation that keeps a team of coding agents at work.',
  lang: 'en',
  dir: 'ltr',
  start_url: '/',
  scope: '/',
  display: 'standalone',
  display_override: ['standalone', 'minimal-ui'],
  orientation: 'any',
  categories: ['developer tools', 'productivity'],
  // The page says the colour of each appearance itself; this is for what is shown before it.
  background_color: '#101114',
  theme_color: '#101114',
  icons: [
    { src: '/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
    { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
    { src: '/icon-maskable-192.png', sizes: '192x192', type: 'image/png', purpose: 'maskable' },
    { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    { src: '/icon-monochrome-512.png', sizes: '512x512', type: 'image/png', purpose: 'monochrome' },
  ],
  // Shown before it is installed; `npm run screenshots` takes them.
  screenshots: [
    {
      src: '/screenshot-narrow.png',
      sizes: '780x1688',
      type: 'image/png',
      form_factor: 'narrow',
      label: 'The inbox: what needs you, the most urgent first',
    },
    {
      src: '/screenshot-wide.png',
      sizes: '1440x900',
      type: 'image/png',
      form_factor: 'wide',
      label: 'The conversation, with its tasks and what needs you beside it',
    },
  ],
  shortcuts: [
    {
      name: 'New message',
      url: '/?write',
      icons: [{ src: '/shortcut-message-96.png', sizes: '96x96', type: 'image/png' }],
    },
    {
      name: 'Inbox',
      url: '/inbox',
      icons: [{ src: '/shortcut-inbox-96.png', sizes: '96x96', type: 'image/png' }],
    },
    {
      name: 'Tasks',
      url: '/tasks',
      icons: [{ src: '/shortcut-tasks-96.png', sizes: '96x96', type: 'image/png' }],
    },
  ],
  share_target: {
    action: SHARE_PATH,
    method: 'POST',
    enctype: 'multipart/form-data',
    params: {
      title: 'title',
      text: 'text',
      url: 'url',
      files: [
        {
          name: 'files',
          accept: [
            'image/*',
            'text/*',
            'application/json',
            'application/xml',
            '.log',
            '.md',
            '.csv',
            '.yaml',
            '.yml',
            '.toml',
            '.patch',
            '.diff',
          ],
        },
      ],
    },
  },
};
