import type { Browser, BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import { ulid } from 'ulid';
import { CLOSE, type Down } from '../../protocol/down.ts';
import { InboxItem } from '../../protocol/inbox.ts';
import type { Message } from '../../protocol/message.ts';
import type { Device } from '../../protocol/push.ts';
import type { MessagesPage } from '../../protocol/pages.ts';
import type { Repository } from '../../protocol/repository.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../protocol/settings.ts';
import type { TaskQueue, TaskSummary } from '../../protocol/task.ts';
import type { FeedEvent, TaskFeed } from '../../protocol/task-feed.ts';
import { type Command, Up } from '../../protocol/up.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

/** A page whose server is written by the test: what it shows, and what it was asked. */
export type WrittenThread = WrittenServer & { page: Page; context: BrowserContext };

export type WrittenServer = {
  /** Every command that the page has sent, in order. */
  asked: Command[];
  /** An item is new, or has changed. */
  put(item: InboxItem): void;
  /** What comes of the next commands; they are acknowledged where nothing is said. */
  refuseNext(text: string): void;
  /**
   * The line from now on. `gone`: what is open is closed, and nothing opens. `silent`: what is open
   * stays open, and nothing goes through. `newer`: the server answers each hello with its other version.
   */
  line(is: Line): void;
};

/** Newest messages that a snapshot has. */
const IN_SNAPSHOT = 50;

type Line = 'up' | 'gone' | 'silent' | 'newer';

export type Written = {
  /** All of the conversation; what is before its newest comes in pages. */
  messages?: Message[];
  tasks?: TaskSummary[];
  inbox: InboxItem[];
  queue?: TaskQueue;
  settings?: Settings;
  repositories?: Repository[];
  devices?: Device[];
  /** Spent on the day `YYYY-MM-DD`. */
  spending?: { day: string; cost: number };
  /** The sentence that is shown of stand-in models. */
  offlineModel?: string;
  /** Items that only the server's own look-up knows; null: it does not answer. */
  lookUp?: (id: string) => InboxItem | null | 'away';
  /** What `/api/<this>` answers, whatever is asked of it. */
  answers?: Record<string, unknown>;
  /** The lines of a task's activity, by its id. */
  activity?: Record<string, FeedEvent[]>;
  /** Why a command is not carried out; null where it is. */
  refuse?: (command: Command) => string | null;
  /** The page's clock is the test's: `page.clock`. */
  hasClock?: boolean;
};

/** Has every page of this browser see a conversation that holds what is written. */
export async function writeServer(
  context: BrowserContext,
  written: Written,
): Promise<WrittenServer> {
  const asked: Command[] = [];
  const refusals: string[] = [];
  const sockets = new Set<WebSocketRoute>();
  let line: Line = 'up';
  const messages = written.messages ?? [];
  let seq = 1 + messages.length;
  const send = (frame: Down) => {
    for (const socket of sockets) socket.send(JSON.stringify(frame));
  };
  const items = new Map(written.inbox.map((item) => [item.id, item]));
  const welcome = () => {
    send({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      installation: {
        person: 'ada@example.com',
        offlineModel: written.offlineModel ?? null,
        noSecrets: null,
        gitHost: 'https://git.example',
      },
    });
    send({
      type: 'snapshot',
      snapshot: {
        seq,
        messages: messages.slice(-IN_SNAPSHOT),
        hasOlder: messages.length > IN_SNAPSHOT,
        tasks: written.tasks ?? [],
        inbox: [...items.values()],
        settings: written.settings ?? DEFAULT_SETTINGS,
        queue: written.queue ?? [],
      },
    });
    send({ type: 'repositories', repositories: written.repositories ?? [] });
    if (written.spending !== undefined) send({ type: 'spending', ...written.spending });
    if (written.devices !== undefined) {
      send({ type: 'devices', applicationServerKey: 'BA', devices: written.devices });
    }
  };
  await context.routeWebSocket(/\/api\/socket/, (socket) => {
    if (line === 'gone') return void socket.close();
    sockets.add(socket);
    socket.onClose(() => void sockets.delete(socket));
    socket.onMessage((data) => {
      if (line === 'silent') return;
      if (line === 'newer') return void socket.close({ code: CLOSE.version });
      const read = Up.safeParse(parsed(String(data)));
      if (!read.success) return socket.send('pong');
      if (read.data.type === 'hello') return welcome();
      if (read.data.type === 'screen') return;
      asked.push(read.data);
      const { id } = read.data;
      const text = refusals.shift() ?? written.refuse?.(read.data) ?? undefined;
      send(
        text === undefined
          ? { type: 'ack', id, seq: null }
          : { type: 'refused', id, code: 'not_possible_now', text },
      );
    });
  });
  await context.routeWebSocket(/\/api\/tasks\/[^/]+\/feed/, (socket) => {
    const { pathname, searchParams } = new URL(socket.url());
    const after = Number(searchParams.get('after') ?? 0);
    const lines = written.activity?.[pathname.split('/')[3] ?? ''] ?? [];
    const events = lines.filter(({ number }) => number > after);
    socket.send(JSON.stringify({ type: 'events', events } satisfies TaskFeed));
    socket.onMessage(() => socket.send('pong'));
  });
  await context.route('**/api/**', async (route) => {
    const name = new URL(route.request().url()).pathname.slice('/api/'.length);
    const [kind, id = ''] = name.split('/');
    const { searchParams } = new URL(route.request().url());
    if (kind === 'messages' && line === 'up') {
      return route.fulfill({ json: pageOf(messages, searchParams) });
    }
    const item = kind === 'inbox' ? written.lookUp?.(id) : undefined;
    if (line === 'gone' || item === 'away') return route.abort();
    const found = item ?? written.answers?.[name];
    return found === undefined
      ? route.fulfill({
          status: 404,
          json: { error: 'not_found', text: 'There is no such thing.' },
        })
      : route.fulfill({ json: found });
  });
  return {
    asked,
    put: (item) => {
      items.set(item.id, item);
      seq += 1;
      send({
        type: 'entries',
        upTo: seq,
        entries: [{ seq, at: Date.now(), change: { type: 'inbox', item } }],
      });
    },
    refuseNext: (text) => void refusals.push(text),
    line: (is) => {
      line = is;
      if (is !== 'gone') return;
      for (const socket of sockets) void socket.close();
      sockets.clear();
    },
  };
}

/** As the server's own: `before` or `after` a log number, or `around` a message. */
function pageOf(messages: readonly Message[], asked: URLSearchParams): MessagesPage {
  const limit = Number(asked.get('limit'));
  const at = messages.findIndex(({ id }) => id === asked.get('around'));
  const [from, to] = asked.has('before')
    ? [Number(asked.get('before')) - 1 - limit, Number(asked.get('before')) - 1]
    : asked.has('after')
      ? [Number(asked.get('after')), Number(asked.get('after')) + limit]
      : [at - limit / 2, at + limit / 2];
  return {
    messages: messages.slice(Math.max(0, from), to),
    hasOlder: from > 0,
    hasNewer: to < messages.length,
  };
}

/** Opens `path` in a browser of its own, with a conversation that holds what is written. */
export async function visitWritten(
  browser: Browser,
  url: string,
  path: string,
  viewport: { width: number; height: number },
  written: Written,
): Promise<WrittenThread> {
  const isPhone = viewport.width < 768;
  const context = await browser.newContext({
    viewport,
    hasTouch: isPhone,
    isMobile: isPhone,
    // Its fetches would go past the routes.
    serviceWorkers: 'block',
  });
  const server = await writeServer(context, written);
  const page = await context.newPage();
  if (written.hasClock === true) await page.clock.install();
  await page.goto(`${url}${path}`);
  return { page, context, ...server };
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** An item of this kind with what is said about it, on the task of the same number. */
export function itemOf<Kind extends InboxItem['kind']>(
  number: number,
  kind: Kind,
  said: Omit<
    Extract<InboxItem, { kind: Kind }>,
    'id' | 'taskId' | 'repository' | 'at' | 'outcome' | 'kind'
  >,
): InboxItem {
  const at = Date.now() - (60 - number) * 60_000;
  const isOfTask = kind !== 'alert';
  return InboxItem.parse({
    id: ulid(at),
    taskId: isOfTask ? ulid(at - 1) : null,
    repository: isOfTask ? 'acme/todo' : null,
    at,
    outcome: null,
    kind,
    ...said,
  });
}

/** The rows of the inbox. */
export const rows = (page: Page) => page.getByRole('list', { name: 'Needs you' }).getByRole('link');
/** Their titles. */
export const names = async (page: Page) =>
  (await rows(page).allInnerTexts()).map((text) => text.split('\n')[0]);
/** Id of what has the focus, or else its tag. */
export const focused = (page: Page) =>
  page.evaluate<string>(`document.activeElement.id || document.activeElement.tagName`);
