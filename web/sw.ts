/// <reference lib="webworker" />
// The service worker: serves the shell from what it has kept, and takes what is pushed.
import { clientsClaim } from 'workbox-core';
import {
  type PrecacheEntry,
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { takePushes } from './push/on-push.ts';
import { takeShares } from './share-target.ts';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] };

// A page that is open goes on with what it has loaded, and loads itself anew when that is safe.
void self.skipWaiting();
clientsClaim();
takeShares(self);
cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    // What the server answers itself; a sign-in has to reach it, too.
    denylist: [/^\/api\//, /^\/gateway\//, /^\/webhooks\//, /^\/cdn-cgi\//],
  }),
);
takePushes();
