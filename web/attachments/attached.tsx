import { For, Match, Show, Switch, createSignal } from 'solid-js';
import { isImage, sizeWords } from '../../protocol/attachable.ts';
import type { Attachment } from '../../protocol/attachment.ts';
import { Icon } from '../ui/icons.tsx';

/** What of a text is shown here; all of it is in the file. */
const SHOWN_MAX_CHARS = 20_000;

const addressOf = ({ id }: Attachment) => `/api/attachments/${id}`;

function Picture(props: { file: Attachment; url: string }) {
  return (
    <a
      href={props.url}
      target="_blank"
      rel="noopener"
      aria-label={`Open ${props.file.name}`}
      class="block size-36 overflow-hidden rounded-xl border border-line bg-sunken"
    >
      <img
        src={props.url}
        alt={props.file.name}
        loading="lazy"
        decoding="async"
        width="144"
        height="144"
        class="size-full object-cover"
      />
    </a>
  );
}

function Text(props: { file: Attachment; url: string }) {
  const [text, setText] = createSignal<string | null>(null);
  const [failed, setFailed] = createSignal(false);
  const read = async () => {
    setFailed(false);
    try {
      const answer = await fetch(props.url);
      if (!answer.ok) throw new Error(String(answer.status));
      setText(await answer.text());
    } catch {
      setFailed(true);
    }
  };
  return (
    <details
      class="card w-72 max-w-full overflow-hidden text-start"
      onToggle={(event) => {
        if (event.currentTarget.open && text() === null) void read();
      }}
    >
      <summary class="flex min-h-11 items-center gap-2 px-3 py-1.5 text-sm">
        <Icon name="file" class="size-5 shrink-0 text-soft" />
        <span class="min-w-0 flex-1 truncate font-medium" dir="auto" title={props.file.name}>
          {props.file.name}
        </span>
        <span class="shrink-0 text-xs text-soft">{sizeWords(props.file.bytes)}</span>
      </summary>
      <div class="border-t border-line p-2 text-sm">
        <Switch fallback={<p class="p-1 text-soft">Reading it…</p>}>
          <Match when={failed()}>
            <p class="p-1 text-bad">It could not be fetched. Open it again once you are online.</p>
          </Match>
          <Match when={text()}>
            {(whole) => (
              <>
                <pre
                  tabindex="0"
                  dir="auto"
                  role="group"
                  aria-label={`Text of ${props.file.name}`}
                  class="max-h-72 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs whitespace-pre"
                >
                  {whole().slice(0, SHOWN_MAX_CHARS)}
                </pre>
                <Show when={whole().length > SHOWN_MAX_CHARS}>
                  <p class="p-1 text-xs text-soft">This is its beginning.</p>
                </Show>
              </>
            )}
          </Match>
        </Switch>
        <a
          href={props.url}
          download={props.file.name}
          class="inline-flex min-h-11 items-center px-1 font-medium text-accent hover:underline"
        >
          Download
        </a>
      </div>
    </details>
  );
}

/** One that is on its way. */
function Named(props: { file: Attachment }) {
  return (
    <p class="card flex min-h-11 max-w-full items-center gap-2 px-3 py-1.5 text-sm">
      <Icon name="file" class="size-5 shrink-0 text-soft" />
      <span class="min-w-0 truncate font-medium" dir="auto">
        {props.file.name}
      </span>
      <span class="shrink-0 text-xs text-soft">{sizeWords(props.file.bytes)}</span>
    </p>
  );
}

/** What is attached to a message: images small, texts folded. */
export function Attached(props: {
  files: readonly Attachment[];
  /** Where a file is that the server has not got yet. */
  urlOf?: ((file: Attachment) => string | undefined) | undefined;
}) {
  const url = (file: Attachment) => props.urlOf?.(file) ?? addressOf(file);
  return (
    <ul aria-label="Attached files" class="flex max-w-full flex-wrap justify-[inherit] gap-2">
      <For each={props.files}>
        {(file) => (
          <li class="max-w-full">
            <Switch fallback={<Text file={file} url={url(file)} />}>
              <Match when={isImage(file.type)}>
                <Picture file={file} url={url(file)} />
              </Match>
              <Match when={props.urlOf?.(file)}>
                <Named file={file} />
              </Match>
            </Switch>
          </li>
        )}
      </For>
    </ul>
  );
}
