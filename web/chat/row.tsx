import { Match, Show, Switch, createMemo, untrack } from 'solid-js';
import type { Message } from '../../protocol/message.ts';
import { useMainloop } from '../state/context.tsx';
import { shownMessages } from '../state/passage.ts';
import { dayText, now } from '../ui/time.tsx';
import { askedIn } from './decided.ts';
import { MessageView, NotSent, type Refused, Unsent, type Waiting } from './message.tsx';
import type { Row } from './rows.ts';

/** Where the message with this log number stands; they stand in the order of these. */
function placeOf(messages: readonly Message[], seq: number): number {
  let [from, to] = [0, messages.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((messages[middle]?.seq ?? 0) < seq) from = middle + 1;
    else to = middle;
  }
  return from;
}

function Said(props: { row: Extract<Row, { is: 'message' }>; shown(): readonly Message[] }) {
  const { state } = useMainloop();
  const at = createMemo(() => placeOf(props.shown(), props.row.seq));
  /** With its proxy: it changes while it is written. Another one where all were read anew. */
  const message = createMemo(() => {
    props.shown();
    const found = untrack(() => shownMessages(state).messages[at()]);
    return found?.id === props.row.key ? found : undefined;
  });
  return (
    <Show when={message()} keyed>
      {(said) => (
        <MessageView
          message={said}
          asked={() => askedIn(props.shown(), at(), Object.values(state.inbox))}
          isFirst={props.row.isFirst}
          isLast={props.row.isLast}
        />
      )}
    </Show>
  );
}

/** One row of the conversation, as what it is. */
export function RowView(props: {
  row: Row;
  shown(): readonly Message[];
  unsent: readonly Waiting[];
  notSent: readonly Refused[];
  onEdit(refused: Refused): void;
}) {
  return (
    <Switch>
      <Match when={props.row.is === 'message' && props.row}>
        {(row) => <Said row={row()} shown={props.shown} />}
      </Match>
      <Match when={props.row.is === 'day' && props.row}>
        {(day) => (
          <h2 class="pt-6 text-center text-xs font-semibold text-soft">
            {dayText(day().at, now())}
          </h2>
        )}
      </Match>
      <Match when={props.row.is === 'new'}>
        <p class="flex items-center gap-3 pt-5 text-xs font-semibold text-accent before:h-px before:flex-1 before:bg-accent after:h-px after:flex-1 after:bg-accent">
          New
        </p>
      </Match>
      <Match when={props.row.is === 'unsent' && props.row}>
        {(row) => (
          <Show when={props.unsent.find(({ id }) => id === row().id)}>
            {(waiting) => <Unsent waiting={waiting()} />}
          </Show>
        )}
      </Match>
      <Match when={props.row.is === 'not_sent' && props.row}>
        {(row) => (
          <Show when={props.notSent.find(({ id }) => id === row().id)}>
            {(refused) => <NotSent refused={refused()} onEdit={() => props.onEdit(refused())} />}
          </Show>
        )}
      </Match>
    </Switch>
  );
}
