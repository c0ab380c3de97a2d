import { type JSX, Show, createSignal, onCleanup, onMount } from 'solid-js';

/** Rows that come and go together. */
const BLOCK_ROWS = 50;
/** As high as a line is drawn; a block that was there once keeps its own height. */
const ROW_PX = 24;
/** Nearer to what is in sight than this, a block is drawn: about two screens, which is as far as a frame gets. */
const NEAR = '1600px 0px';

/** Rows in blocks, in order. */
export function inBlocks<Row>(rows: readonly Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / BLOCK_ROWS) }, (_, at) =>
    rows.slice(at * BLOCK_ROWS, (at + 1) * BLOCK_ROWS),
  );
}

const watched = new Map<Element, (isNear: boolean) => void>();
let observer: IntersectionObserver | undefined;

/** One observer for all of them: a long diff has hundreds of blocks. */
function watch(element: Element, onNear: (isNear: boolean) => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) watched.get(target)?.(isIntersecting);
    },
    { rootMargin: NEAR, scrollMargin: NEAR } as IntersectionObserverInit,
  );
  watched.set(element, onNear);
  observer.observe(element);
  return () => {
    watched.delete(element);
    observer?.unobserve(element);
  };
}

/** Rows that are in the page only while they are near: ten thousand of them are more than a phone can hold. */
export function NearBlock(props: {
  rows: number;
  /** It stays although it is out of sight. */
  isKept: boolean;
  children: () => JSX.Element;
}) {
  const [isNear, setNear] = createSignal(false);
  const [height, setHeight] = createSignal(props.rows * ROW_PX);
  let block: HTMLDivElement | undefined;
  onMount(() => {
    if (block === undefined) return;
    const element = block;
    onCleanup(
      watch(element, (near) => {
        // Its place stays as high as it was, so that nothing below it moves.
        if (!near && isNear()) setHeight(element.offsetHeight);
        setNear(near);
      }),
    );
  });
  const isThere = () => isNear() || props.isKept;
  return (
    <div ref={block} style={{ height: isThere() ? undefined : `${height()}px` }}>
      <Show when={isThere()}>{props.children()}</Show>
    </div>
  );
}
