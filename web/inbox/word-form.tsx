import { A } from '@solidjs/router';
import { createSignal } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { Bar } from './bar.tsx';
import type { Deciding } from './deciding.ts';
import { draftOf, keepDraft } from './drafts.ts';

/** What is said where nothing has to be different. */
const GO_ON = 'Go on where you stopped.';

/** A task that was interrupted: how it shall go on, or that it shall end. */
export function WordForm(props: Deciding & { item: Extract<InboxItem, { kind: 'word' }> }) {
  const { act, hold } = useMainloop();
  const [words, setWords] = createSignal(draftOf(props.item.id)?.words ?? '');
  const say = (text: string) => {
    const command = { do: 'message', text, when: 'now' } as const;
    const id = act({ type: 'task', taskId: props.item.taskId, command });
    keepDraft(props.item.id, { words: words(), sentAs: id });
    props.onDecide();
  };
  return (
    <form
      class="flex flex-1 flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (props.busy === null) say(words().trim() || GO_ON);
      }}
    >
      <p class="mt-2.5 text-sm">
        You interrupted it. Its work is kept, and it does nothing until you say how to go on.
      </p>
      <textarea
        rows="3"
        dir="auto"
        aria-label="How should it go on?"
        placeholder="How should it go on? (Nothing: as before)"
        class="field shrink-0 scroll-mb-24"
        value={words()}
        onInput={(event) => {
          setWords(event.currentTarget.value);
          keepDraft(props.item.id, { words: words(), sentAs: null });
        }}
      />
      <A
        href={`/tasks/${props.item.taskId}`}
        class="flex min-h-11 items-center self-start text-sm font-medium text-accent hover:underline"
      >
        What it did until then
      </A>
      <Bar words={props.busy}>
        <button type="submit" class="button button-main" disabled={props.busy !== null}>
          {words().trim() === '' ? 'Go on' : 'Send'}
        </button>
        <button
          type="button"
          class="button"
          disabled={props.busy !== null}
          onClick={() => {
            const command = { do: 'cancel', close: false } as const;
            const { taskId, title } = props.item;
            hold({ type: 'task', taskId, command }, `Stopping ${title}`);
            props.onDecide();
          }}
        >
          Stop task
        </button>
      </Bar>
    </form>
  );
}
