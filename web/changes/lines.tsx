import { useParams } from '@solidjs/router';
import { For, Show, createMemo, createSignal } from 'solid-js';
import type { FileChange } from '../../protocol/changes.ts';
import { type Piece, highlightLines, languageOf } from '../ui/highlight.ts';
import { NearBlock, inBlocks } from './near-block.tsx';
import { type Hunk, type Pair, type PatchLine, inPairs } from './patch.ts';
import { Remark } from './remark.tsx';

/** A line that is waited on for a remark, by its hunk and its place in it. */
type Place = { hunk: number; line: number };

const MARKS: Record<PatchLine['is'], string> = { same: ' ', added: '+', removed: '−' };

/** The coloured pieces of a hunk's lines: as it was and as it is, each read as one text. */
function colours({ lines }: Hunk, language: string | null): Map<PatchLine, Piece[]> {
  const pieces = new Map<PatchLine, Piece[]>();
  for (const side of ['removed', 'added'] as const) {
    const shown = lines.filter(({ is }) => is === 'same' || is === side);
    const coloured = highlightLines(shown.map(({ text }) => text).join('\n'), language);
    for (const [at, line] of shown.entries()) pieces.set(line, coloured[at] ?? []);
  }
  return pieces;
}

const placesOf = new WeakMap<Hunk, Map<PatchLine, number>>();

/** Where in its hunk a line stands; looked up, since thousands of lines ask. */
function placeIn(hunk: Hunk, line: PatchLine): number {
  let known = placesOf.get(hunk);
  if (known === undefined) {
    known = new Map(hunk.lines.map((one, at) => [one, at]));
    placesOf.set(hunk, known);
  }
  return known.get(line) ?? 0;
}

function Code(props: { pieces: readonly Piece[] }) {
  return (
    <For each={props.pieces}>
      {(piece) => (
        <Show when={piece.kind} fallback={piece.text}>
          <span class={`code-${piece.kind}`}>{piece.text}</span>
        </Show>
      )}
    </For>
  );
}

/**
 * The lines of one file: under each other, or side by side where there is room. A line is chosen with
 * a tap on its number, or with the arrow keys and Enter; then something can be said about it.
 */
export function Lines(props: {
  file: Pick<FileChange, 'path' | 'hash'>;
  hunks: readonly Hunk[];
  isSplit: boolean;
  onRemark: (line: PatchLine, remark: string) => void;
}) {
  const params = useParams<{ id: string }>();
  const hunks = () => props.hunks;
  const language = () => languageOf(props.file.path);
  const [chosen, setChosen] = createSignal<Place | null>(null);
  const [isOpen, setIsOpen] = createSignal(false);
  const isChosen = (hunk: number, line: number) =>
    chosen()?.hunk === hunk && chosen()?.line === line;

  const open = (place: Place) => {
    setChosen(place);
    setIsOpen(true);
  };
  /** The next line in this direction, over the ends of hunks. */
  const move = (by: 1 | -1) => {
    const all = hunks().flatMap(({ lines }, hunk) => lines.map((_, line) => ({ hunk, line })));
    const at = all.findIndex(({ hunk, line }) => isChosen(hunk, line));
    const next = all[at === -1 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (next === undefined) return;
    setIsOpen(false);
    // Its block is drawn from then on, and the line can be gone to.
    setChosen(next);
    document.getElementById(idOf(next))?.scrollIntoView({ block: 'nearest' });
  };
  const idOf = ({ hunk, line }: Place) => `${props.file.hash}-${hunk}-${line}`;

  /** Whether one of these lines is chosen: what is written about it must not go. */
  const keeps = (hunkAt: number, hunk: Hunk, lines: readonly PatchLine[]) => {
    const place = chosen();
    const line = place?.hunk === hunkAt ? hunk.lines[place.line] : undefined;
    return line !== undefined && lines.includes(line);
  };

  const Line = (own: {
    line: PatchLine;
    place: Place;
    pieces: Piece[];
    side?: 'before' | 'after' | undefined;
  }) => (
    <div
      id={own.side === 'before' ? undefined : idOf(own.place)}
      class={`diff-line diff-${own.line.is}`}
      classList={{ 'diff-chosen': isChosen(own.place.hunk, own.place.line) }}
    >
      <button
        type="button"
        tabindex="-1"
        aria-label={`Say something about line ${own.line.after ?? own.line.before}`}
        class="diff-number"
        data-before={own.side === 'after' ? '' : (own.line.before ?? '')}
        data-after={own.side === 'before' ? '' : (own.line.after ?? '')}
        onClick={() => open(own.place)}
      />
      <code class="diff-code">
        <span aria-hidden="true" class="diff-mark" data-mark={MARKS[own.line.is]} />
        <span class="sr-only">{own.line.is === 'same' ? '' : `${own.line.is}: `}</span>
        <Code pieces={own.pieces} />
        <Show when={!own.line.ends}>
          <span class="text-soft"> (no line break at the end)</span>
        </Show>
      </code>
    </div>
  );

  const remarkAt = (hunk: number, line: number) => (
    <Show when={isOpen() && isChosen(hunk, line)}>
      <Remark
        draft={`remark:${params.id}:${props.file.path}:${hunk}:${line}`}
        onCancel={() => setIsOpen(false)}
        onSend={(text) => {
          const about = hunks()[hunk]?.lines[line];
          if (about !== undefined) props.onRemark(about, text);
          setIsOpen(false);
        }}
      />
    </Show>
  );

  return (
    <div
      role="group"
      tabindex="0"
      aria-label={`Lines of ${props.file.path}. Arrow keys choose a line, Enter says something about it.`}
      aria-activedescendant={chosen() === null ? undefined : idOf(chosen() ?? { hunk: 0, line: 0 })}
      class="diff"
      classList={{ 'diff-split': props.isSplit }}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        const place = chosen();
        if (event.key === 'ArrowDown') move(1);
        else if (event.key === 'ArrowUp') move(-1);
        else if (event.key === 'Enter' && place !== null) setIsOpen(true);
        else return;
        event.preventDefault();
      }}
    >
      <For each={props.hunks}>
        {(hunk, hunkAt) => {
          // Asked for by the first of its lines that comes near: most are never looked at.
          const pieces = createMemo(() => colours(hunk, language()));
          const of = (line: PatchLine) => pieces().get(line) ?? [{ text: line.text, kind: null }];
          const placeOf = (line: PatchLine) => ({ hunk: hunkAt(), line: placeIn(hunk, line) });
          const OneText = (own: { line: PatchLine }) => (
            <>
              <Line line={own.line} place={placeOf(own.line)} pieces={of(own.line)} />
              {remarkAt(hunkAt(), placeIn(hunk, own.line))}
            </>
          );
          const cell = (line: PatchLine | null, side: 'before' | 'after') =>
            line === null ? (
              <div class="diff-line diff-none" />
            ) : (
              <Line
                line={line}
                side={line.is === 'removed' ? undefined : side}
                place={placeOf(line)}
                pieces={of(line)}
              />
            );
          const TwoTexts = (own: { pair: Pair }) => {
            const places = [own.pair.before, own.pair.after]
              .filter((line) => line !== null)
              .map((line) => placeIn(hunk, line));
            return (
              <>
                <div class="diff-pair">
                  {cell(own.pair.before, 'before')}
                  {cell(own.pair.after, 'after')}
                </div>
                <For each={[...new Set(places)]}>{(at) => remarkAt(hunkAt(), at)}</For>
              </>
            );
          };
          return (
            <section class="diff-hunk">
              <p class="diff-within">
                {hunk.within || `Line ${hunk.lines[0]?.after ?? hunk.lines[0]?.before ?? 1}`}
              </p>
              <Show
                when={props.isSplit}
                fallback={
                  <For each={inBlocks(hunk.lines)}>
                    {(block) => (
                      <NearBlock rows={block.length} isKept={keeps(hunkAt(), hunk, block)}>
                        {() => <For each={block}>{(line) => <OneText line={line} />}</For>}
                      </NearBlock>
                    )}
                  </For>
                }
              >
                <For each={inBlocks(inPairs(hunk.lines))}>
                  {(block) => (
                    <NearBlock
                      rows={block.length}
                      isKept={keeps(
                        hunkAt(),
                        hunk,
                        block.flatMap(({ before, after }) =>
                          [before, after].filter((one) => one !== null),
                        ),
                      )}
                    >
                      {() => <For each={block}>{(pair) => <TwoTexts pair={pair} />}</For>}
                    </NearBlock>
                  )}
                </For>
              </Show>
            </section>
          );
        }}
      </For>
    </div>
  );
}
