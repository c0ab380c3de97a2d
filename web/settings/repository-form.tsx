import { useLocation } from '@solidjs/router';
import {
  DEFAULT_REPOSITORY_SETTINGS,
  DefaultMode,
  type RepositorySettings,
} from '../../protocol/settings.ts';
import { EnvironmentForm } from './environment-form.tsx';
import { ChoiceField, SwitchField } from './choice-field.tsx';
import { InstanceField } from './instance-field.tsx';
import { EgressField } from './egress-field.tsx';
import { isOpened, noteOpened } from './opened-repositories.ts';
import { createSaving } from './saving.ts';
import { createTyped } from './typed.ts';
import { useMainloop } from '../state/context.tsx';

const MODES: Record<DefaultMode, string> = {
  auto: 'As it seems fit',
  plan: 'Plan first',
  direct: 'Just do it',
};

const MODE_OPTIONS = DefaultMode.options.map((value) => ({ value, label: MODES[value] }));

/** All that trust allows, and what it does not. */
const TRUST_HINT =
  'Its workers get the skills, commands and agents of its .claude folder, the plugins of its own that its settings enable, and the MCP servers of its .mcp.json, all as the base branch had them when the task began: who may write there decides what they are. They run in the task’s sandbox, can do what the worker can there, and reach what its sandboxes may reach. Hooks, key helpers, variables, permissions and git configuration of a repository are never used.';

/** How tasks in this repository begin, and what their workers should know. */
export function RepositoryForm(props: { repository: string }) {
  const { act, state } = useMainloop();
  const location = useLocation();
  /** The address may name a repository: what is set for it is open then. */
  const isAsked = () =>
    [props.repository, encodeURIComponent(props.repository)].includes(location.hash.slice(1));
  const known = () => state.settings.repositories[props.repository] ?? DEFAULT_REPOSITORY_SETTINGS;
  const change = (changed: Partial<RepositorySettings>) =>
    act({
      type: 'change_settings',
      change: {
        is: 'repository',
        repository: props.repository,
        settings: { ...known(), ...changed },
      },
    });
  return (
    <details
      class="mt-1 text-sm"
      open={isAsked() || isOpened(props.repository)}
      onToggle={(event) => noteOpened(props.repository, event.currentTarget.open)}
      ref={(element) => {
        // Once it is in the page.
        if (isAsked()) requestAnimationFrame(() => element.scrollIntoView());
      }}
    >
      <summary class="folds">What is set for it</summary>
      <div class="flex flex-col gap-2 py-2">
        <ChoiceField
          label="Tasks begin"
          value={known().mode}
          options={MODE_OPTIONS}
          onSave={(value) => change({ mode: DefaultMode.parse(value) })}
        />
        <SwitchField
          label="Questions and plans in an issue, too"
          isOn={known().withIssue}
          onSave={(withIssue) => change({ withIssue })}
        />
        <SwitchField
          label="Trust what it brings for workers"
          hint={TRUST_HINT}
          isOn={known().trusted}
          onSave={(trusted) => change({ trusted })}
        />
        <EgressField
          repository={props.repository}
          policy={known().egress}
          onSave={(egress) => change({ egress })}
        />
        <InstanceField instance={known().instance} onSave={(instance) => change({ instance })} />
        <EnvironmentForm
          repository={props.repository}
          variables={known().variables}
          onSave={(variables) => change({ variables })}
        />
        <InstructionsField
          label={`Instructions for ${props.repository}`}
          value={known().instructions}
          onSave={(instructions) => change({ instructions })}
        />
      </div>
    </details>
  );
}

/** A text that is kept when the person leaves it. */
export function InstructionsField(props: {
  label: string;
  value: string;
  /** @returns the id of the command. */
  onSave: (text: string) => string;
}) {
  const saving = createSaving();
  const typed = createTyped(() => props.value);
  return (
    <label class="block text-sm">
      {props.label}{' '}
      <span role="status" class="text-soft">
        {saving.words()}
      </span>
      <textarea
        rows="3"
        maxlength="10000"
        class="field mt-1 w-full"
        value={typed.text()}
        onInput={(event) => {
          saving.changed();
          typed.type(event.currentTarget.value);
        }}
        onChange={(event) => {
          saving.sent(props.onSave(event.currentTarget.value));
          typed.done();
        }}
      />
    </label>
  );
}
