import { For } from 'solid-js';
import { InstanceType } from '../../protocol/environment.ts';

/** https://developers.cloudflare.com/containers/platform-details/limits/ */
const SIZES: Record<InstanceType, string> = {
  lite: 'Lite: 1/16 CPU, 256 MB',
  basic: 'Basic: 1/4 CPU, 1 GB',
  'standard-1': 'Standard 1: 1/2 CPU, 4 GB',
  'standard-2': 'Standard 2: 1 CPU, 6 GB',
  'standard-3': 'Standard 3: 2 CPUs, 8 GB',
  'standard-4': 'Standard 4: 4 CPUs, 12 GB',
};

/** How large a repository's sandboxes are, where they are Cloudflare's. */
export function InstanceField(props: {
  instance: InstanceType;
  onSave: (instance: InstanceType) => void;
}) {
  return (
    <label class="flex flex-wrap items-center justify-between gap-2">
      Size of its sandboxes on Cloudflare
      <select
        class="field w-auto py-1.5"
        onChange={(event) => {
          const instance = InstanceType.safeParse(event.currentTarget.value);
          if (instance.success) props.onSave(instance.data);
        }}
      >
        <For each={InstanceType.options}>
          {(instance) => (
            <option value={instance} selected={instance === props.instance}>
              {SIZES[instance]}
            </option>
          )}
        </For>
      </select>
    </label>
  );
}
