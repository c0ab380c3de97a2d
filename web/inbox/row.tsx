import { A, useNavigate } from '@solidjs/router';
import { Show, createSignal } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';
import { Ago } from '../ui/time.tsx';
import { firstAction } from './first-action.ts';
import { INBOX_COLOURS, INBOX_ICONS, kindWords, rowId } from './kinds.ts';
import { onItsWay } from '../state/on-its-way.ts';
import { ACT_PX, SwipeReader } from './swipe.ts';

/**
 * One thing that needs the person: a line to open it by. On a screen that is touched, a pull to the
 * left does its first action at once, with a way back; what the pull does shows behind the row.
 */
export function Row(props: { item: InboxItem; isOpen: boolean; onOpenAgain(): void }) {
  const { state, hold } = useMainloop();
  const navigate = useNavigate();
  const action = () => firstAction(props.item);
  const decided = () => onItsWay(state, props.item);
  const finger = new SwipeReader();
  const [pulled, setPulled] = createSignal(0);
  let wasPulled = false;

  const letGo = (acts: boolean) => {
    setPulled(0);
    if (!acts) return;
    const { act } = action();
    if (act === null) navigate(`/inbox/${props.item.id}`);
    else hold(act.command, `${act.doing} ${props.item.title}`);
  };
  return (
    <li class="relative overflow-hidden">
      <Show when={pulled() > 0}>
        <span
          aria-hidden="true"
          class="absolute inset-0 flex items-center justify-end gap-2 px-5 text-sm font-medium"
          classList={{
            'bg-accent-fill text-white': pulled() >= ACT_PX,
            'bg-accent-soft text-accent': pulled() < ACT_PX,
          }}
        >
          <Icon name={action().icon} />
          {action().words}
        </span>
      </Show>
      <A
        id={rowId(props.item.id)}
        href={`/inbox/${props.item.id}`}
        draggable={false}
        class="relative flex min-h-15 touch-pan-y items-center gap-3 px-3 py-1.5 select-none"
        classList={{
          'bg-accent-soft': props.isOpen,
          'bg-raised hover:bg-sunken': !props.isOpen,
          'transition-transform duration-150': pulled() === 0,
        }}
        style={{ transform: pulled() > 0 ? `translateX(-${pulled()}px)` : undefined }}
        onClick={(event: MouseEvent) => {
          if (wasPulled) event.preventDefault();
          else if (props.isOpen) props.onOpenAgain();
        }}
        onPointerDown={(event: PointerEvent) => {
          wasPulled = false;
          if (event.pointerType === 'mouse' || decided() !== null) return;
          finger.down(event.clientX, event.clientY);
        }}
        onPointerMove={(event: PointerEvent & { currentTarget: HTMLElement }) => {
          finger.move(event.clientX, event.clientY);
          if (finger.isPulling && !wasPulled) {
            wasPulled = true;
            event.currentTarget.setPointerCapture(event.pointerId);
          }
          setPulled(finger.px);
        }}
        onPointerUp={() => letGo(finger.up())}
        onPointerCancel={() => {
          finger.cancel();
          letGo(false);
        }}
      >
        <span class={INBOX_COLOURS[props.item.kind]}>
          <Icon name={INBOX_ICONS[props.item.kind]} />
        </span>
        <span class="min-w-0 flex-1">
          <span class="block truncate font-medium" dir="auto">
            {props.item.title}
          </span>
          <span class="block truncate text-[0.8125rem] text-soft">
            <Show when={decided()} fallback={kindWords(props.item)}>
              {(words) => words()}
            </Show>
            {' · '}
            <Ago at={props.item.at} />
            <Show when={props.item.repository}>{(name) => ` · ${name()}`}</Show>
          </span>
        </span>
        <span
          aria-hidden="true"
          class="hidden shrink-0 items-center text-xs text-soft pointer-coarse:flex"
        >
          <Icon name="left_small" class="size-4" />
          {action().words}
        </span>
      </A>
    </li>
  );
}
