import { For, Show, createSignal } from 'solid-js';
import { readEgressHosts } from './egress-hosts.ts';
import { createSaving } from './saving.ts';
import { createTyped } from './typed.ts';
import { EgressPolicy } from '../../protocol/egress.ts';

const POLICIES: Record<EgressPolicy['is'], string> = {
  none: 'Nothing',
  registries: 'Package registries',
  list: 'Package registries and a list',
  open: 'The whole internet',
};

function policyOf(is: string, before: EgressPolicy): EgressPolicy | null {
  const hosts = before.is === 'list' ? before.hosts : [];
  const policy = EgressPolicy.safeParse({ is, hosts });
  return policy.success ? policy.data : null;
}

/** What this repository's sandboxes may reach. A list that is wrong is said to be, and not kept. */
export function EgressField(props: {
  repository: string;
  policy: EgressPolicy;
  /** @returns the id of the command. */
  onSave: (policy: EgressPolicy) => string;
}) {
  const saving = createSaving();
  const hosts = (): string => (props.policy.is === 'list' ? props.policy.hosts.join('\n') : '');
  const typed = createTyped(hosts);
  const [wrong, setWrong] = createSignal<string | null>(null);
  const statusId = () => `egress-${props.repository}`;
  const saveList = (text: string) => {
    const read = readEgressHosts(text);
    setWrong(read.is === 'wrong' ? read.text : null);
    // What is wrong stays as it was written.
    if (read.is === 'wrong') return;
    saving.sent(props.onSave({ is: 'list', hosts: read.hosts }));
    typed.done();
  };
  return (
    <>
      <label class="flex flex-wrap items-center justify-between gap-2">
        Its sandboxes may reach
        <span role="status" class="ml-auto text-[0.8125rem] text-soft">
          {props.policy.is === 'list' ? '' : saving.words()}
        </span>
        <select
          class="field w-auto max-w-full min-w-0 py-1.5"
          onChange={(event) => {
            const policy = policyOf(event.currentTarget.value, props.policy);
            setWrong(null);
            if (policy !== null) saving.sent(props.onSave(policy));
          }}
        >
          <For each={Object.entries(POLICIES)}>
            {([is, words]) => (
              <option value={is} selected={is === props.policy.is}>
                {words}
              </option>
            )}
          </For>
        </select>
      </label>
      <Show when={props.policy.is === 'list'}>
        <label class="block text-sm">
          Hosts beside the registries, one a line
          <textarea
            rows="3"
            class="field mt-1 w-full font-mono"
            placeholder={'example.com\n*.example.com\nexample.com:8080'}
            spellcheck={false}
            aria-invalid={wrong() !== null}
            aria-describedby={statusId()}
            value={typed.text()}
            onInput={(event) => {
              setWrong(null);
              saving.changed();
              typed.type(event.currentTarget.value);
            }}
            onChange={(event) => saveList(event.currentTarget.value)}
          />
          <span id={statusId()} role="status" class={wrong() === null ? 'text-soft' : 'text-bad'}>
            {wrong() ?? saving.words()}
          </span>
        </label>
      </Show>
    </>
  );
}
