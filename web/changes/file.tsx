import { Match, Show, Switch, createMemo, createSignal } from 'solid-js';
import type { FileChange } from '../../protocol/changes.ts';
import { Counts } from '../ui/counts.tsx';
import { Icon } from '../ui/icons.tsx';
import { Lines } from './lines.tsx';
import { type Hunk, type PatchLine, readPatch } from './patch.ts';

const KINDS: Record<FileChange['is'], string> = {
  added: 'New',
  changed: '',
  deleted: 'Deleted',
  renamed: 'Renamed',
};

/** Why a file's lines are not shown. */
const NOT_SHOWN = {
  binary: 'This is no text.',
  too_large: 'It has too many changed lines to be shown here. They are in the pull request.',
  too_many: 'There are too many changes to show them all here. They are in the pull request.',
} as const;

/** More lines than this wait for a tap. */
const OPEN_MAX_LINES = 400;

/** One file: its name and counts, a mark that it was looked at, and its lines. */
export function File(props: {
  file: FileChange;
  isSplit: boolean;
  isViewed: boolean;
  isNews: boolean;
  /** In place of all that changed: what did since it was looked at. */
  since: { hunks: Hunk[] | null; isPutBack: boolean } | null;
  onViewed: (isViewed: boolean) => void;
  onRemark: (line: PatchLine, remark: string) => void;
}) {
  const hunks = createMemo(() => {
    if (props.since !== null && props.since.hunks !== null) return props.since.hunks;
    return props.file.lines.is === 'shown' ? readPatch(props.file.lines.patch) : [];
  });
  const count = (is: PatchLine['is']) =>
    hunks().reduce((sum, { lines }) => sum + lines.filter((line) => line.is === is).length, 0);
  const counts = () =>
    props.since?.hunks == null
      ? { added: props.file.added, removed: props.file.removed }
      : { added: count('added'), removed: count('removed') };
  const lines = () => counts().added + counts().removed;
  const [opened, setOpened] = createSignal<boolean | null>(null);
  const isOpen = () => opened() ?? (!props.isViewed && lines() <= OPEN_MAX_LINES);
  const folder = () => props.file.path.slice(0, props.file.path.lastIndexOf('/') + 1);
  const name = () => props.file.path.slice(folder().length);
  return (
    <section class="card mb-3" aria-label={props.file.path}>
      <header class="sticky top-0 z-10 flex items-center low:static max-[20rem]:static gap-2 rounded-xl bg-raised px-1">
        <h2 class="min-w-0 flex-1">
          <button
            type="button"
            aria-expanded={isOpen()}
            class="flex min-h-11 w-full items-center gap-2 px-2 text-left text-sm"
            onClick={() => setOpened(!isOpen())}
          >
            <Icon name={isOpen() ? 'down_small' : 'right_small'} class="size-4 shrink-0" />
            <span class="min-w-0 [overflow-wrap:anywhere]" dir="ltr">
              <span class="text-soft">{folder()}</span>
              <span class="font-semibold">{name()}</span>
            </span>
            <Show when={props.since?.isPutBack ? 'Put back' : KINDS[props.file.is]}>
              {(word) => <span class="shrink-0 text-xs text-soft">{word()}</span>}
            </Show>
            <Show when={props.isNews}>
              <span class="shrink-0 text-xs text-accent">New since you looked</span>
            </Show>
            <span class="ml-auto">
              <Counts {...counts()} />
            </span>
          </button>
        </h2>
        <label class="flex min-h-11 shrink-0 items-center gap-1.5 px-2 text-sm">
          <input
            type="checkbox"
            class="size-5 accent-(--accent)"
            checked={props.isViewed}
            onChange={(event) => {
              props.onViewed(event.currentTarget.checked);
              setOpened(null);
            }}
          />
          <span>
            Viewed <span class="sr-only">{props.file.path}</span>
          </span>
        </label>
      </header>
      <Show when={isOpen()}>
        <Show when={props.file.from}>
          {(from) => (
            <p class="px-4 pb-2 text-sm text-soft [overflow-wrap:anywhere]">Was {from()}</p>
          )}
        </Show>
        <Switch>
          <Match when={props.file.lines.is !== 'shown' && props.file.lines.is}>
            {(why) => <Said>{NOT_SHOWN[why()]}</Said>}
          </Match>
          <Match when={hunks().length === 0}>
            <Said>No line of it changed.</Said>
          </Match>
          <Match when={true}>
            <Show when={props.since !== null && props.since.hunks === null}>
              <Said>
                The base branch was taken in since then: this is all that the task changed in it.
              </Said>
            </Show>
            <Lines
              file={props.file}
              hunks={hunks()}
              isSplit={props.isSplit}
              onRemark={(line, remark) => props.onRemark(line, remark)}
            />
          </Match>
        </Switch>
      </Show>
    </section>
  );
}

function Said(props: { children: string }) {
  return <p class="px-4 pb-3 text-sm text-soft">{props.children}</p>;
}
