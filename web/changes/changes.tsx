import {
  For,
  Match,
  Show,
  Switch,
  createEffect,
  createMemo,
  createSignal,
  on,
  onCleanup,
} from 'solid-js';
import { createStore, reconcile, unwrap } from 'solid-js/store';
import { Changes, type FileChange } from '../../protocol/changes.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { seenChanges } from '../net/seen-changes.ts';
import { useMainloop } from '../state/context.tsx';
import { Counts, filesText } from '../ui/counts.tsx';
import { numberText } from '../ui/locale.ts';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { Ago } from '../ui/time.tsx';
import { hasRoomForTwo } from '../ui/room.ts';
import { File } from './file.tsx';
import { type PatchLine, remarkOn } from './patch.ts';
import { sinceSeen } from './since.ts';
import { viewedOf } from './viewed.ts';

/** Files that are shown at once: each is some twenty elements of the page, also while it is folded. */
const FILES_SHOWN = 80;

type Shown = { is: 'loading' } | { is: 'none' } | { is: 'away' } | { is: 'there' };

async function fetchChanges(taskId: string): Promise<Changes | 'none' | 'away'> {
  try {
    const answer = await fetch(`/api/tasks/${taskId}/changes`);
    if (answer.status === 404) return 'none';
    return answer.ok ? Changes.parse(await answer.json()) : 'away';
  } catch {
    return 'away';
  }
}

/** What a task has changed so far, live; a remark on a line goes to its worker with its place. */
export function ChangesTab(props: { task: TaskSummary }) {
  const { ask, state } = useMainloop();
  const [shown, setShown] = createSignal<Shown>({ is: 'loading' });
  const [changes, setChanges] = createStore<{ now: Changes | null }>({ now: null });
  const [said, setSaid] = createSignal('');
  const viewed = viewedOf(props.task.id);
  const [seen, setSeen] = createSignal<Changes | null>(null);
  const [isSince, setSince] = createSignal(false);
  // As it was when they came: what changes under their eyes is news until they have gone.
  void seenChanges.read(props.task.id).then(setSeen);
  const taskId = props.task.id;
  const remember = () => {
    if (changes.now !== null) void seenChanges.write(taskId, unwrap(changes.now));
  };
  const marks = viewed.load();
  const onHidden = () => {
    if (document.visibilityState === 'hidden') remember();
    else void viewed.load();
  };
  document.addEventListener('visibilitychange', onHidden);
  onCleanup(() => {
    document.removeEventListener('visibilitychange', onHidden);
    remember();
  });
  const since = createMemo(() => {
    const before = seen();
    return before === null || changes.now === null ? [] : sinceSeen(before, changes.now);
  });
  const allFiles = (now: Changes) => (isSince() ? since().map(({ file }) => file) : now.files);
  const [shownMax, setShownMax] = createSignal(FILES_SHOWN);
  const shownFiles = (now: Changes) => allFiles(now).slice(0, shownMax());
  const sinceOf = ({ path }: FileChange) =>
    isSince() ? (since().find(({ file }) => file.path === path) ?? null) : null;
  const version = () => props.task.changes?.version ?? null;

  const load = async () => {
    const wanted = version();
    // Together with the marks: what was looked at must not stand open first and then fold.
    const [answer] = await Promise.all([fetchChanges(props.task.id), marks]);
    // Something newer is on its way already.
    if (version() !== wanted) return;
    if (typeof answer === 'string') {
      setShown({ is: changes.now === null ? answer : 'there' });
      return;
    }
    // By name: what is open and scrolled stays so while the worker goes on.
    setChanges('now', reconcile(answer, { key: 'path' }));
    setShown({ is: 'there' });
  };
  createEffect(on(version, () => void load()));
  createEffect(
    on(
      () => state.connection,
      (connection) => {
        if (connection === 'Online' && shown().is === 'away') void load();
      },
      { defer: true },
    ),
  );

  const remark = (path: string, line: PatchLine, text: string) => {
    ask(props.task.id, { do: 'message', text: remarkOn(path, line, text), when: 'now' });
    setSaid('Sent to the task.');
  };
  const sum = (of: 'added' | 'removed') =>
    (changes.now?.files ?? []).reduce((lines, file) => lines + file[of], 0);
  const viewedCount = () => (changes.now?.files ?? []).filter((file) => viewed.has(file)).length;

  return (
    <Switch>
      <Match when={shown().is === 'there' && changes.now}>
        {(now) => (
          <>
            <div class="mb-3 flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
              <p>{filesText(now().files.length + now().more)}</p>
              <Counts added={sum('added')} removed={sum('removed')} />
              <p class="text-soft">
                As of <Ago at={now().at} />
              </p>
              <Show when={viewedCount() > 0}>
                <p class="text-soft">
                  {viewedCount()} of {now().files.length} viewed
                </p>
              </Show>
              <p role="status" class="text-soft">
                {said()}
              </p>
            </div>
            <Show when={since().length > 0}>
              <button
                type="button"
                aria-pressed={isSince()}
                class="button mb-3 aria-pressed:border-accent aria-pressed:text-accent"
                onClick={() => setSince(!isSince())}
              >
                Since you last looked: {filesText(since().length)}
              </button>
            </Show>
            <For
              each={shownFiles(now())}
              fallback={
                <p class="py-6 text-center text-soft">
                  {isSince() ? 'Nothing has changed since.' : 'Nothing is changed any more.'}
                </p>
              }
            >
              {(file) => (
                <File
                  file={file}
                  isSplit={hasRoomForTwo()}
                  isViewed={viewed.has(file)}
                  isNews={viewed.isNews(file)}
                  since={sinceOf(file)}
                  onViewed={(isViewed) =>
                    viewed.set({ path: file.path, hash: file.hash }, isViewed)
                  }
                  onRemark={(line, text) => remark(file.path, line, text)}
                />
              )}
            </For>
            <Show when={allFiles(now()).length > shownMax()}>
              <p class="py-3">
                <button
                  type="button"
                  class="button"
                  onClick={() => setShownMax(shownMax() + FILES_SHOWN)}
                >
                  Show more of {filesText(allFiles(now()).length)}
                </button>
              </p>
            </Show>
            <Show when={now().more > 0}>
              <p class="py-3 text-sm text-soft">
                And {numberText(now().more)} more files, which are in the pull request.
              </p>
            </Show>
          </>
        )}
      </Match>
      <Match when={shown().is === 'none'}>
        <p class="py-6 text-center text-soft">
          {props.task.pullRequest === null && version() === null
            ? 'Nothing has changed yet.'
            : 'What it changed is not kept here any more. It is in the pull request.'}
        </p>
      </Match>
      <Match when={shown().is === 'away'}>
        <p class="py-6 text-center text-soft">
          Mainloop does not answer. They are asked for again when the connection is back.
        </p>
      </Match>
      <Match when={true}>
        <NotKnownYet />
      </Match>
    </Switch>
  );
}
