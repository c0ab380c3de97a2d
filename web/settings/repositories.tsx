import { For } from 'solid-js';
import { useMainloop } from '../state/context.tsx';
import { RepositoryForm } from './repository-form.tsx';

/** Each repository with what is set for its tasks. */
export function Repositories() {
  const { state } = useMainloop();
  return (
    <ul class="divide-y divide-line">
      <For each={state.repositories} fallback={<li class="text-soft">None are known yet.</li>}>
        {(repository) => (
          <li class="py-2">
            <h3>
              <a
                class="inline-flex min-h-7 items-center font-medium text-accent hover:underline"
                href={`${state.installation?.gitHost}/${repository.name}`}
                target="_blank"
                rel="noopener noreferrer"
              >
                {repository.name}
              </a>
            </h3>
            <p class="text-sm text-soft">
              {repository.description ?? 'No description'} · {repository.defaultBranch}
            </p>
            <RepositoryForm repository={repository.name} />
          </li>
        )}
      </For>
    </ul>
  );
}
