import { For, Show, createSignal } from 'solid-js';
import { type During, NewSecret, SECRET_VALUE_RULE, Variable } from '../../protocol/environment.ts';
import { refusedName } from '../../protocol/refused-name.ts';
import { putSecret, removeSecret } from '../net/secrets.ts';
import { createSaving } from './saving.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';

const DURING: Record<During, string> = {
  setup: 'Set-up only',
  work: 'Set-up and work',
};

type Row = { name: string; during: During; shown: string; remove: () => void };

/** What a repository's sandboxes are given: variables, and secrets whose values are never shown again. */
export function EnvironmentForm(props: {
  repository: string;
  variables: Variable[];
  /** @returns the id of the command. */
  onSave: (variables: Variable[]) => string;
}) {
  const saving = createSaving();
  const { state } = useMainloop();
  const [name, setName] = createSignal('');
  const [value, setValue] = createSignal('');
  const [during, setDuring] = createSignal<During>('setup');
  const [isSecret, setIsSecret] = createSignal(false);
  const [isSending, setIsSending] = createSignal(false);
  const [status, setStatus] = createSignal<{ wrong: boolean; text: string } | null>(null);
  const noSecrets = () => state.installation?.noSecrets ?? null;
  const wrong = (text: string) => setStatus({ wrong: true, text });
  const statusId = () => `environment-${props.repository}`;

  const rows = (): Row[] => [
    ...props.variables.map((variable) => ({
      name: variable.name,
      during: variable.during,
      shown: variable.value,
      remove: () => void props.onSave(props.variables.filter((one) => one !== variable)),
    })),
    ...(state.settings.secrets[props.repository] ?? []).map((secret) => ({
      name: secret.name,
      during: secret.during,
      shown: 'secret',
      remove: async () => {
        const answer = await removeSecret(props.repository, secret.name);
        if (answer.is === 'refused') wrong(answer.text);
      },
    })),
  ];

  const empty = () => {
    setName('');
    setValue('');
    setIsSecret(false);
    setDuring('setup');
  };

  async function add(): Promise<void> {
    const refused = refusedName(name());
    if (refused !== null) {
      wrong(refused);
      return;
    }
    if (!isSecret()) {
      const variable = Variable.safeParse({ name: name(), value: value(), during: during() });
      if (!variable.success) {
        wrong('A value has 4,000 characters at most. Keep a longer one in a file.');
        return;
      }
      const others = props.variables.filter((one) => one.name !== name());
      saving.sent(props.onSave([...others, variable.data]));
      setStatus(null);
      empty();
      return;
    }
    const secret = NewSecret.safeParse({ value: value(), during: during() });
    if (!secret.success) {
      wrong(SECRET_VALUE_RULE);
      return;
    }
    setIsSending(true);
    const answer = await putSecret(props.repository, name(), secret.data);
    setIsSending(false);
    if (answer.is === 'refused') {
      wrong(answer.text);
      return;
    }
    saving.changed();
    setStatus({ wrong: false, text: 'Saved' });
    empty();
  }

  return (
    <section aria-label={`Variables and secrets of ${props.repository}`}>
      <h3 class="font-semibold">Variables and secrets</h3>
      <p class="text-soft">
        For <code>.mainloop/setup.sh</code> and, where it says so, the worker’s commands.
      </p>
      <ul class="divide-y divide-line">
        <For each={rows()}>
          {(row) => (
            <li class="flex items-center gap-2 py-1">
              <span class="min-w-0 flex-1 [overflow-wrap:anywhere]">
                <code class="font-semibold">{row.name}</code>{' '}
                <span class="text-soft">
                  {row.shown} · {DURING[row.during]}
                </span>
              </span>
              <button
                type="button"
                class="button size-11 shrink-0 px-0"
                aria-label={`Remove ${row.name}`}
                onClick={() => row.remove()}
              >
                <Icon name="cross" class="size-4" />
              </button>
            </li>
          )}
        </For>
      </ul>
      <form
        class="mt-2 flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <fieldset class="flex flex-wrap gap-2" disabled={isSending()}>
          <legend class="sr-only">A new one, or another value</legend>
          <input
            type="text"
            aria-label="Name"
            placeholder="NAME"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            class="field min-h-11 min-w-32 flex-1 py-1.5 font-mono text-sm"
            value={name()}
            onInput={(event) => {
              setStatus(null);
              setName(event.currentTarget.value.trim());
            }}
          />
          <textarea
            aria-label="Value"
            placeholder="Value"
            rows="1"
            autocomplete="off"
            spellcheck={false}
            class="field min-h-11 min-w-48 flex-2 py-2.5 font-mono text-sm"
            value={value()}
            onInput={(event) => {
              setStatus(null);
              setValue(event.currentTarget.value);
            }}
          />
        </fieldset>
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
          <label class="flex min-h-11 items-center gap-2">
            <input
              type="checkbox"
              class="size-4 accent-(--accent)"
              checked={isSecret()}
              disabled={noSecrets() !== null}
              onChange={(event) => setIsSecret(event.currentTarget.checked)}
            />
            Secret
          </label>
          <select
            aria-label="When it is set"
            class="field w-auto py-1.5"
            onChange={(event) => setDuring(event.currentTarget.value === 'work' ? 'work' : 'setup')}
          >
            <For each={Object.entries(DURING)}>
              {([is, words]) => (
                <option value={is} selected={is === during()}>
                  {words}
                </option>
              )}
            </For>
          </select>
          <button type="submit" class="button" disabled={name() === '' || isSending()}>
            Save
          </button>
          <span
            id={statusId()}
            role="status"
            class={status()?.wrong === true ? 'text-bad' : 'text-soft'}
          >
            {status()?.text ?? saving.words()}
          </span>
        </div>
        <Show when={isSecret() && during() === 'work'}>
          <p class="text-warn">
            The worker can read this secret, and whatever it runs. Keep to set-up only where that
            will do.
          </p>
        </Show>
        <Show when={noSecrets()}>{(why) => <p class="text-soft">{why()}</p>}</Show>
      </form>
    </section>
  );
}
