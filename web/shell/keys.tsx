import { useNavigate } from '@solidjs/router';
import { Show, createSignal } from 'solid-js';
import { useKeys } from '../ui/keys.ts';
import { later } from '../ui/later.tsx';
import { write } from '../ui/write.ts';

const KeyList = later(
  async () => (await import('./key-list.tsx')).KeyList,
  () => null,
);

/** The keys that work everywhere, and their list. */
export function Keys() {
  const navigate = useNavigate();
  const [isOpen, setIsOpen] = createSignal(false);
  useKeys({
    'g c': () => navigate('/'),
    'g i': () => navigate('/inbox'),
    'g t': () => navigate('/tasks'),
    'g s': () => navigate('/settings'),
    '/': () => navigate('/search'),
    m: write,
    '?': () => setIsOpen(true),
  });
  return (
    <Show when={isOpen()}>
      <KeyList onClose={() => setIsOpen(false)} />
    </Show>
  );
}
