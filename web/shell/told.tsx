import { useNavigate } from '@solidjs/router';
import { getOwner, onMount, runWithOwner } from 'solid-js';
import { useMainloop } from '../state/context.tsx';

/** Looks after what this device is told; nothing of it is needed before the page can be used. */
export function Told() {
  const mainloop = useMainloop();
  const navigate = useNavigate();
  const owner = getOwner();
  onMount(() => {
    void import('../push/keep.ts').then(({ keepTold }) =>
      runWithOwner(owner, () => keepTold(mainloop, (path) => navigate(path))),
    );
  });
  return null;
}
