/** The new shell is asked for at most this long before the page is loaded as it can be. */
const INSTALL_WITHIN_MS = 15_000;
/** A page that has just been loaded anew and still does not fit waits before it tries that again. */
const AGAIN_AFTER_MS = 60_000;
const LAST = 'reloaded';

const worker = () => ('serviceWorker' in navigator ? navigator.serviceWorker : null);

/** Registers the worker that serves the page; `onNewer` when it has put a newer page in its place. */
export function keepShell(onNewer: () => void): void {
  // A page that was open while a newer one was installed asks for parts that are gone.
  addEventListener('vite:preloadError', () => void loadNewest());
  const container = worker();
  if (container === null) return;
  // The first worker of all takes over, too: the page that registered it is the newest there is.
  let isFirst = container.controller === null;
  container.addEventListener('controllerchange', () => {
    if (!isFirst) onNewer();
    isFirst = false;
  });
  // Without one (an old browser, a private window) the page comes over the network each time.
  container.register('/sw.js').catch(() => {});
}

/** Resolves once a newer worker serves the page; at once where there is none to wait for. */
async function newerShell(container: ServiceWorkerContainer): Promise<void> {
  const registration = await container.getRegistration();
  if (registration === undefined) return;
  const taken = new Promise<void>((resolve) =>
    container.addEventListener('controllerchange', () => resolve(), { once: true }),
  );
  await registration.update();
  if ((registration.installing ?? registration.waiting) === null) return;
  await Promise.race([taken, new Promise((resolve) => setTimeout(resolve, INSTALL_WITHIN_MS))]);
}

let loading = false;

/** Loads the page anew, in the newest shell there is; once, not again and again. */
export async function loadNewest(): Promise<void> {
  if (loading) return;
  const last = Number(sessionStorage.getItem(LAST) ?? 0);
  if (Date.now() - last < AGAIN_AFTER_MS) return;
  loading = true;
  const container = worker();
  if (container !== null) await newerShell(container).catch(() => {});
  sessionStorage.setItem(LAST, String(Date.now()));
  location.reload();
}
