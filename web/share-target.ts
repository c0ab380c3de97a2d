/// <reference lib="webworker" />
// What other apps share with this one comes as a POST, which only a service worker can keep: also
// without a connection, and without the server ever seeing it. A page then opens with it as a draft.
import { SHARE_PATH } from './manifest.ts';
import { shares } from './net/shares.ts';

/** Title, text and address as one text; systems often put the address into the text, too. */
function textOf(form: FormData): string {
  const lines: string[] = [];
  for (const name of ['title', 'text', 'url']) {
    const said = form.get(name);
    if (typeof said !== 'string' || said.trim() === '') continue;
    if (!lines.some((line) => line.includes(said.trim()))) lines.push(said.trim());
  }
  return lines.join('\n');
}

async function take(request: Request): Promise<Response> {
  const open = (share: string) => Response.redirect(`/?share=${encodeURIComponent(share)}`, 303);
  try {
    const form = await request.formData();
    const files = form.getAll('files').filter((one) => one instanceof File);
    const id = crypto.randomUUID();
    await shares.put(id, { text: textOf(form), files });
    return open(id);
  } catch {
    // A full disk, or a form that is none: the page says so.
    return open('lost');
  }
}

/** Has the worker take what is shared; nothing of it is sent by itself. */
export function takeShares(scope: ServiceWorkerGlobalScope): void {
  scope.addEventListener('fetch', (event) => {
    const { method, url } = event.request;
    const { origin, pathname } = new URL(url);
    const isShare = origin === scope.location.origin && pathname === SHARE_PATH;
    if (method === 'POST' && isShare) event.respondWith(take(event.request));
  });
}
