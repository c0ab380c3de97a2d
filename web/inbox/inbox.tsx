import { useNavigate, useParams, useSearchParams } from '@solidjs/router';
import { Show, createEffect, createMemo, on } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { openItems, settledItems } from '../state/selectors.ts';
import { useKeys } from '../ui/keys.ts';
import { usePlace } from '../ui/place.ts';
import { isDesk } from '../ui/room.ts';
import { steady } from '../ui/steady.ts';
import { keepPlace } from './inbox-place.ts';
import { itemId, rowId } from './kinds.ts';
import { DecidedLately, OpenItems } from './list.tsx';
import { onItsWay } from '../state/on-its-way.ts';
import { NoItem, Opened, lookedUp } from './opened.tsx';
import { nextAfter, stepFrom } from './order.ts';

const BACK = { href: '/inbox', label: 'Back to the inbox' };
/** What `a` goes to in the opened item. */
const FIRST_CONTROL = 'input:not(:disabled), .button-main:not(:disabled)';

function focus(id: string): void {
  const element = document.getElementById(id);
  if (element !== null) element.focus();
}

/**
 * What needs the person, and below it what was decided lately. At a desk it stands beside the item
 * that is open; on a phone an item is a page of its own, at an address that leads there from anywhere.
 */
export default function Inbox() {
  const { state } = useMainloop();
  const params = useParams<{ itemId?: string }>();
  const navigate = useNavigate();
  const list = steady(createMemo(() => openItems(state)));
  const settled = createMemo(() => settledItems(state));
  const opened = lookedUp(() => params.itemId);
  const open = (item: InboxItem) => navigate(`/inbox/${item.id}`, { replace: true });
  const next = () =>
    nextAfter(list.value(), params.itemId ?? '', (item) => onItsWay(state, item) !== null);

  let rows: HTMLDivElement | undefined;
  keepPlace(
    () => rows,
    () => list.value().length > 0,
  );
  usePlace(() =>
    isDesk() || params.itemId === undefined
      ? { title: 'Inbox', back: null }
      : { title: opened.item()?.title ?? 'Inbox', back: BACK },
  );
  // Where links of an earlier version lead.
  const [query] = useSearchParams<{ item?: string }>();
  if (query.item !== undefined) navigate(`/inbox/${query.item}`, { replace: true });
  // At a desk one is always open: the most urgent, and then that one for as long as it is looked at.
  createEffect(() => {
    const first = list.value()[0];
    if (isDesk() && params.itemId === undefined && first !== undefined) open(first);
  });
  /** Where the focus goes when another item is shown; null where it has a place already. */
  let focusNext: 'row' | 'item' | null = null;
  createEffect(
    on(
      () => params.itemId,
      (id, before) => {
        const wanted = focusNext;
        focusNext = null;
        queueMicrotask(() => {
          if (id === undefined) focus(rowId(before ?? ''));
          else if (wanted === 'row') focus(rowId(id));
          else if (wanted === 'item' || !isDesk()) focus(itemId(id));
        });
      },
      { defer: true },
    ),
  );

  const control = () => {
    const card = document.getElementById(itemId(params.itemId ?? ''));
    const first = card?.querySelector(FIRST_CONTROL);
    if (first instanceof HTMLElement) first.focus();
  };
  const step = (by: 1 | -1) => {
    const isList = !isDesk() && params.itemId === undefined;
    const from = isList
      ? list.value().find(({ id }) => rowId(id) === document.activeElement?.id)?.id
      : params.itemId;
    const item = stepFrom(list.value(), from, by);
    if (item === null) return;
    if (isList) return focus(rowId(item.id));
    focusNext = isDesk() ? 'row' : 'item';
    open(item);
  };
  useKeys({ j: () => step(1), k: () => step(-1), a: control });

  const onDecided = () => {
    const following = next();
    // On a phone one reads first what was decided; its foot leads on.
    if (!isDesk() || following === null) return;
    focusNext = 'item';
    open(following);
  };
  return (
    <div class="flex min-h-0 flex-1">
      <div
        ref={rows}
        class="relative min-h-0 flex-1 overflow-y-auto"
        classList={{
          'hidden wide:block wide:w-96 wide:flex-none wide:border-r wide:border-line':
            params.itemId !== undefined,
        }}
        onPointerDown={list.down}
        onPointerUp={list.up}
        onPointerCancel={list.up}
      >
        <div
          class="mx-auto w-full max-w-3xl px-2 py-2 desk:px-4"
          data-moved={list.moved() === 0 ? undefined : list.moved() % 2}
        >
          <OpenItems items={list.value()} openedId={params.itemId} onOpenAgain={control} />
          <DecidedLately items={settled()} />
        </div>
      </div>
      <Show when={params.itemId} keyed>
        {(_id) => (
          <div class="relative min-h-0 min-w-0 flex-1 scroll-pb-20 overflow-y-auto">
            <Show when={opened.item()} fallback={<NoItem is={opened.is()} onLook={opened.look} />}>
              {(item) => <Opened item={item()} next={next()} onDecided={onDecided} />}
            </Show>
          </div>
        )}
      </Show>
    </div>
  );
}
