import { A } from '@solidjs/router';
import { Match, Show, Switch, createEffect, createSignal, on } from 'solid-js';
import { InboxItem } from '../../protocol/inbox.ts';
import { Dynamic } from 'solid-js/web';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { isDesk } from '../ui/room.ts';
import { Ago } from '../ui/time.tsx';
import { INBOX_COLOURS, INBOX_ICONS, itemId, kindWords, placeOf } from './kinds.ts';
import { onItsWay } from '../state/on-its-way.ts';
import { Settle } from './settle.tsx';
import { Settled } from './settled.tsx';

/** An item that is not among those that are shown: settled long ago, or none. */
type Found = { is: 'looking' } | { is: 'there'; item: InboxItem } | { is: 'missing' | 'away' };

async function lookUp(id: string): Promise<Found> {
  try {
    const answer = await fetch(`/api/inbox/${encodeURIComponent(id)}`);
    if (answer.ok) return { is: 'there', item: InboxItem.parse(await answer.json()) };
    return { is: answer.status === 404 ? 'missing' : 'away' };
  } catch {
    return { is: 'away' };
  }
}

/** The item that the address names: known, still to be asked for, or none. */
export function lookedUp(id: () => string | undefined) {
  const { state } = useMainloop();
  const [found, setFound] = createSignal<Found>({ is: 'looking' });
  const known = () => state.inbox[id() ?? ''];
  const look = async () => {
    const wanted = id();
    if (wanted === undefined) return;
    setFound({ is: 'looking' });
    const answer = await lookUp(wanted);
    if (id() === wanted) setFound(answer);
  };
  // Only when the server has said what is open is it known that this is not among it.
  const isToLook = () =>
    id() !== undefined &&
    state.shown === 'live' &&
    state.connection === 'Online' &&
    known() === undefined;
  createEffect(on([id, isToLook], ([, wants]) => wants && void look()));
  return {
    look: () => void look(),
    item: (): InboxItem | undefined => {
      const answer = found();
      return (
        known() ?? (answer.is === 'there' && answer.item.id === id() ? answer.item : undefined)
      );
    },
    is: () => found().is,
  };
}

/** An opened item: what it is about, what can be done, or what was decided. */
export function Opened(props: {
  item: InboxItem;
  next: InboxItem | null;
  onDecided(item: InboxItem): void;
}) {
  const { state } = useMainloop();
  let card: HTMLElement | undefined;
  // A button that is disabled or goes away loses the focus; the card keeps it.
  const keepFocus = () => card?.focus();
  createEffect(
    on(
      () => props.item.outcome !== null,
      () => card?.contains(document.activeElement) && keepFocus(),
      { defer: true },
    ),
  );
  return (
    <article
      ref={card}
      tabindex="-1"
      id={itemId(props.item.id)}
      aria-label={props.item.title}
      class="settling mx-auto flex min-h-full w-full max-w-3xl flex-col px-4 pt-3 outline-none"
    >
      <h2
        class="hidden text-lg leading-snug font-semibold [overflow-wrap:anywhere] wide:block"
        dir="auto"
      >
        {props.item.title}
      </h2>
      <div class="flex min-h-11 items-center gap-1.5 text-[0.8125rem] text-soft">
        <span class={INBOX_COLOURS[props.item.kind]}>
          <Icon name={INBOX_ICONS[props.item.kind]} class="size-4" />
        </span>
        <span class="min-w-0 flex-1 truncate">
          {/* Below the title, which on a phone is the page's. */}
          <Dynamic component={isDesk() ? 'h3' : 'h2'} class="inline">
            {kindWords(props.item)}
          </Dynamic>
          <Show when={props.item.repository}>{(name) => ` · ${name()}`}</Show> ·{' '}
          <Ago at={props.item.at} />
        </span>
        <A
          href={placeOf(props.item)}
          class="flex min-h-11 shrink-0 items-center px-2 text-sm font-medium text-accent hover:underline"
        >
          {props.item.taskId === null ? 'Connections' : 'Task'}
          <span class="sr-only"> {props.item.title}</span>
        </A>
      </div>
      <Show
        when={props.item.outcome}
        fallback={
          <Settle
            item={props.item}
            busy={onItsWay(state, props.item)}
            onDecide={() => {
              keepFocus();
              props.onDecided(props.item);
            }}
            onKeepFocus={keepFocus}
          />
        }
      >
        {(outcome) => (
          <Settled
            item={props.item}
            outcome={outcome()}
            next={props.next}
            onKeepFocus={keepFocus}
          />
        )}
      </Show>
    </article>
  );
}

/** Stands where no item can be shown, and says why. */
export function NoItem(props: { is: Found['is']; onLook(): void }) {
  return (
    <div class="p-4">
      <Switch fallback={<NotKnownYet />}>
        <Match when={props.is === 'missing'}>
          <p class="mb-3 text-soft">
            There is no such item: the link is wrong, or it belongs to somebody else.
          </p>
          <A class="button" href="/inbox">
            What needs you
          </A>
        </Match>
        <Match when={props.is === 'away'}>
          <p class="mb-3 text-soft">
            Mainloop does not answer. It is asked again when the connection is back.
          </p>
          <button type="button" class="button" onClick={() => props.onLook()}>
            Try again now
          </button>
        </Match>
      </Switch>
    </div>
  );
}
