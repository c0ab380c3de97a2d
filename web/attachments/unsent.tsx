import { For, createSignal } from 'solid-js';
import type { Attachment } from '../../protocol/attachment.ts';
import { useMainloop } from '../state/context.tsx';
import type { Files } from '../state/files.ts';
import { Attached } from './attached.tsx';
import { progressWords } from './shelf.tsx';

/** What is attached to a message on its way, and how far each file is. */
export function Unsent(props: { files: readonly Attachment[] }) {
  const { state, files } = useMainloop();
  const [held, setHeld] = createSignal<Files | null>(null);
  files().then(
    (found) => setHeld(() => found),
    () => {},
  );
  const onTheirWay = () =>
    props.files.flatMap(({ id }) => {
      const file = held()?.held(id);
      return file === undefined || file.state.is === 'stored' ? [] : [file];
    });
  return (
    <div class="flex max-w-full flex-col items-end gap-1">
      <Attached files={props.files} urlOf={({ id }) => held()?.held(id)?.url} />
      <For each={onTheirWay()}>
        {(file) => (
          <p class="text-xs text-soft">
            {file.name}: {progressWords(file, state.connection === 'Online')}
          </p>
        )}
      </For>
    </div>
  );
}
