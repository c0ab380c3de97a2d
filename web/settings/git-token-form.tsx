import { Match, Show, Switch, createSignal, onMount } from 'solid-js';
import { GIT_TOKEN_RULE, type GitTokenAnswer, NewGitToken } from '../../protocol/git-token.ts';
import { fetchGitToken, putGitToken, removeGitToken } from '../net/git-token.ts';
import type { SecretAnswer } from '../net/secrets.ts';
import { useMainloop } from '../state/context.tsx';
import { Ago } from '../ui/time.tsx';

const OTHERWISE: Record<GitTokenAnswer['otherwise'], string> = {
  app: 'Your tasks work there as this installation’s GitHub App.',
  token: 'Your tasks work there with this installation’s token.',
  nobody: 'This installation has no token: your tasks cannot push.',
};

/** As whom a person's tasks work at the git host: a token of their own, which is never shown again. */
export function GitTokenForm() {
  const { state } = useMainloop();
  const [known, setKnown] = createSignal<GitTokenAnswer | 'away' | null>(null);
  const [typed, setTyped] = createSignal('');
  const [isSending, setSending] = createSignal(false);
  const [status, setStatus] = createSignal<{ wrong: boolean; text: string } | null>(null);
  const read = async () => void setKnown((await fetchGitToken()) ?? 'away');
  onMount(() => void read());
  const answer = (): GitTokenAnswer | null => {
    const now = known();
    return now === 'away' ? null : now;
  };
  const wrong = (text: string) => setStatus({ wrong: true, text });

  async function send(sent: Promise<SecretAnswer>, done: string): Promise<void> {
    setSending(true);
    const came = await sent;
    setSending(false);
    if (came.is === 'refused') {
      wrong(came.text);
      return;
    }
    setTyped('');
    setStatus({ wrong: false, text: done });
    await read();
  }

  function save(): void {
    const token = NewGitToken.safeParse({ token: typed() });
    if (token.success) void send(putGitToken(token.data.token), 'Saved');
    else wrong(GIT_TOKEN_RULE);
  }

  return (
    <section aria-label="Your GitHub token" class="mt-6">
      <h3 class="font-semibold">Your GitHub token</h3>
      <Switch fallback={<p class="text-soft">Looking …</p>}>
        <Match when={known() === 'away'}>
          <p class="text-soft">Mainloop could not be reached. Open this page again once it can.</p>
        </Match>
        <Match when={answer()}>
          {(one) => (
            <>
              <Show when={one().token} fallback={<p>{OTHERWISE[one().otherwise]}</p>}>
                {(token) => (
                  <>
                    <p class="[overflow-wrap:anywhere]">
                      Your tasks work there as <strong>{token().login}</strong>, with the token that
                      you stored <Ago at={token().at} />.
                    </p>
                    <Show when={token().refusedAt}>
                      {(at) => (
                        <p class="text-bad">
                          GitHub refused it <Ago at={at()} />: it expired or was revoked. Replace or
                          remove it.
                        </p>
                      )}
                    </Show>
                    <Show when={token().closed}>{(why) => <p class="text-bad">{why()}</p>}</Show>
                  </>
                )}
              </Show>
              <p class="mt-1 text-sm text-soft">
                A token of your own is used for all your repositories in place of what the
                installation has. A{' '}
                <a
                  class="text-accent underline"
                  href={`${state.installation?.gitHost ?? 'https://github.com'}/settings/personal-access-tokens/new`}
                  rel="external noreferrer"
                  target="_blank"
                >
                  fine-grained one
                </a>{' '}
                reads and writes contents, pull requests and issues. It is kept encrypted, and never
                shown again.
              </p>
              <form
                class="mt-3 flex flex-wrap items-center gap-2"
                onSubmit={(event) => {
                  event.preventDefault();
                  save();
                }}
              >
                <input
                  type="password"
                  aria-label="GitHub token"
                  placeholder="github_pat_…"
                  autocomplete="off"
                  spellcheck={false}
                  class="field min-h-11 min-w-48 flex-1 font-mono text-sm"
                  disabled={isSending() || one().noSecrets !== null}
                  value={typed()}
                  onInput={(event) => {
                    setStatus(null);
                    setTyped(event.currentTarget.value);
                  }}
                />
                <button type="submit" class="button" disabled={typed() === '' || isSending()}>
                  {one().token === null ? 'Save' : 'Replace'}
                </button>
                <Show when={one().token}>
                  <button
                    type="button"
                    class="button"
                    disabled={isSending()}
                    onClick={() => void send(removeGitToken(), 'Removed')}
                  >
                    Remove
                  </button>
                </Show>
              </form>
              <Show when={one().noSecrets}>{(why) => <p class="text-soft">{why()}</p>}</Show>
            </>
          )}
        </Match>
      </Switch>
      <p role="status" class={status()?.wrong === true ? 'text-bad' : 'text-soft'}>
        {isSending() ? 'Asking GitHub …' : status()?.text}
      </p>
    </section>
  );
}
