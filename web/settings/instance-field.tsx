import { InstanceType } from '../../protocol/environment.ts';
import { ChoiceField } from './choice-field.tsx';

/** https://developers.cloudflare.com/containers/platform-details/limits/ */
const SIZES: Record<InstanceType, string> = {
  lite: 'Lite: 1/16 CPU, 256 MB',
  basic: 'Basic: 1/4 CPU, 1 GB',
  'standard-1': 'Standard 1: 1/2 CPU, 4 GB',
  'standard-2': 'Standard 2: 1 CPU, 6 GB',
  'standard-3': 'Standard 3: 2 CPUs, 8 GB',
  'standard-4': 'Standard 4: 4 CPUs, 12 GB',
};
const OPTIONS = InstanceType.options.map((value) => ({ value, label: SIZES[value] }));

/** How large a repository's sandboxes are, where they are Cloudflare's. */
export function InstanceField(props: {
  instance: InstanceType;
  /** @returns the id of the command. */
  onSave: (instance: InstanceType) => string;
}) {
  return (
    <ChoiceField
      label="Size of its sandboxes on Cloudflare"
      value={props.instance}
      options={OPTIONS}
      onSave={(value) => props.onSave(InstanceType.parse(value))}
    />
  );
}
