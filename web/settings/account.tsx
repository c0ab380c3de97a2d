import { Show } from 'solid-js';
import { later } from '../ui/later.tsx';
import { useMainloop } from '../state/context.tsx';

const GitTokenForm = later(async () => (await import('./git-token-form.tsx')).GitTokenForm);

const IS_LOCAL = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/** Who is signed in, and the way out. */
export function Account() {
  const { state } = useMainloop();
  return (
    <>
      <p class="[overflow-wrap:anywhere]">{state.installation?.person ?? 'Not known yet'}</p>
      <Show
        when={!IS_LOCAL.test(location.hostname)}
        fallback={
          <p class="mt-2 text-sm text-soft">
            On this machine everybody is this person: there is nothing to sign out of.
          </p>
        }
      >
        <a class="button mt-3" href="/cdn-cgi/access/logout" rel="external">
          Sign out
        </a>
      </Show>
      <GitTokenForm />
    </>
  );
}
