import { type Component, Show, createEffect, createSignal, on } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { Attachment } from '../../protocol/attachment.ts';
import { type Unsent, useMainloop } from '../state/context.tsx';
import { draftMark } from '../state/draft-mark.ts';
import type { Files } from '../state/files.ts';
import type { Shared } from './shared.ts';
import { Composer } from '../ui/composer.tsx';
import { Icon } from '../ui/icons.tsx';
import { later } from '../ui/later.tsx';
import { canListen } from './recogniser.ts';

const Dictate = later(
  async () => (await import('./dictate.tsx')).Dictate,
  () => null,
);

type Parts = {
  files: Files;
  Shelf: Component<{ files: Files; place: string; problems: readonly string[] }>;
  Choose: Component<{ onFiles(files: File[]): void; onClose(): void }>;
  prepare(file: File): Promise<{ name: string; type: Attachment['type']; blob: Blob } | string>;
};

/** A composer that takes files, too. What is needed for them is fetched when there are any. */
export function MessageBox(props: {
  label: string;
  placeholder: string;
  /** Name of the place: the draft and its files are kept under it. */
  place: string;
  onSend(text: string, attachments: Attachment[]): void;
  onStop?: (() => void) | undefined;
  /** What was not sent, to be put in again. */
  restored?: Unsent | null;
  /** What another app has shared; a sentence where that did not arrive. */
  shared?: Shared | null;
}) {
  const mainloop = useMainloop();
  const [parts, setParts] = createSignal<Parts | null>(null);
  const [isChoosing, setIsChoosing] = createSignal(false);
  const [inserted, setInserted] = createSignal<{ text: string } | null>(null);
  const [problems, setProblems] = createSignal<string[]>([]);
  let plus: HTMLButtonElement | undefined;
  let asked: Promise<Parts> | null = null;
  const open = () => {
    asked ??= Promise.all([
      mainloop.files(),
      import('./shelf.tsx'),
      import('./choose.tsx'),
      import('./prepare.ts'),
    ]).then(([files, { Shelf }, { Choose }, { prepare }]) => {
      const found = { files, Shelf, Choose, prepare };
      setParts(found);
      return found;
    });
    asked.catch(() => {
      // Not here, and no way to fetch it: asked for again.
      asked = null;
    });
    return asked;
  };
  createEffect(
    on(
      () => props.place,
      (place) => {
        setProblems([]);
        if (localStorage.getItem(draftMark(place)) !== null) open().catch(() => {});
      },
    ),
  );
  createEffect(
    on(
      () => props.restored,
      (restored) => {
        if (restored == null) return;
        setInserted(restored);
        if (restored.attachments.length === 0) return;
        void open().then(({ files }) => files.putBack(props.place, restored.attachments));
      },
    ),
  );

  /** Files come in the order in which they were added, however long one takes to be made ready. */
  let taken: Promise<void> = Promise.resolve();
  const take = (chosen: readonly File[]): Promise<void> => {
    const { place } = props;
    taken = taken.catch(() => {}).then(() => takeInto(place, chosen));
    return taken;
  };
  const takeInto = async (place: string, chosen: readonly File[]) => {
    const { files, prepare } = await open();
    setProblems([]);
    for (const file of chosen) {
      const prepared = await prepare(file);
      const problem = typeof prepared === 'string' ? prepared : files.add(place, prepared);
      if (problem !== null) setProblems((before) => [...new Set([...before, problem])]);
    }
  };
  createEffect(
    on(
      () => props.shared,
      (shared) => {
        if (shared == null) return;
        if (typeof shared === 'string') void open().then(() => setProblems([shared]));
        else {
          setInserted(shared);
          if (shared.files.length > 0) void take(shared.files);
        }
      },
    ),
  );
  const attached = () => parts()?.files.of(props.place) ?? [];

  return (
    <Composer
      label={props.label}
      placeholder={props.placeholder}
      draft={props.place}
      restored={inserted()}
      hasMore={attached().some(({ state }) => state.is !== 'refused')}
      onFiles={(files) => void take(files)}
      onStop={props.onStop}
      onSend={(text) => {
        setProblems([]);
        props.onSend(text, parts()?.files.take(props.place) ?? []);
      }}
      inside={canListen() ? (box) => <Dictate box={box} /> : undefined}
      above={
        <Show when={parts()}>
          {(found) => (
            <Dynamic
              component={found().Shelf}
              files={found().files}
              place={props.place}
              problems={problems()}
            />
          )}
        </Show>
      }
      before={
        <div class="relative shrink-0">
          <button
            ref={plus}
            type="button"
            aria-label="Attach"
            aria-expanded={isChoosing()}
            title="Attach images or text files"
            class="button size-12 px-0"
            onClick={() => {
              void open();
              setIsChoosing(!isChoosing());
            }}
          >
            <Icon name="plus" />
          </button>
          <Show when={isChoosing() && parts()}>
            {(found) => (
              <Dynamic
                component={found().Choose}
                onFiles={(files: File[]) => void take(files)}
                onClose={() => {
                  setIsChoosing(false);
                  plus?.focus();
                }}
              />
            )}
          </Show>
        </div>
      }
    />
  );
}
