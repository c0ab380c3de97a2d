import { numberText } from './locale.ts';

/** Lines that came and went: colour, sign and words say the same. */
export function Counts(props: { added: number; removed: number }) {
  return (
    <span class="shrink-0 text-xs whitespace-nowrap tabular-nums">
      <span class="text-good" aria-hidden="true">
        +{numberText(props.added)}
      </span>{' '}
      <span class="text-bad" aria-hidden="true">
        −{numberText(props.removed)}
      </span>
      <span class="sr-only">
        {props.added} lines added, {props.removed} removed
      </span>
    </span>
  );
}

/** `1 file`, `12 files`. */
export function filesText(files: number): string {
  return files === 1 ? '1 file' : `${numberText(files)} files`;
}
