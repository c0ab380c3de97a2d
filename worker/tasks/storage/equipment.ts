import * as z from 'zod/mini';
import type { Equipment } from '../../../protocol/equipment.ts';
import { KeptValues } from '../../platform/kept-values.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredCommit } from '../../platform/stored-values.ts';

const names = z.array(z.string());

export const StoredEquipment = z.object({
  commit: StoredCommit,
  isUsed: z.boolean(),
  skills: names,
  commands: names,
  agents: names,
  plugins: names,
  servers: names,
  notes: names,
});

/** What the task's repository brings for its workers, under the key `equipment`. */
export class KeptEquipment {
  readonly #values: KeptValues<{ equipment: Equipment }>;

  constructor(storage: DurableObjectStorage, setAside: SetAside) {
    this.#values = new KeptValues(storage, setAside, { equipment: StoredEquipment });
  }

  /** As a sandbox said last; null where none has. */
  get(): Equipment | null {
    return this.#values.get('equipment');
  }

  /** Keeps what a sandbox says. The commit is what the task's first sandbox said. */
  keep(said: Equipment): Equipment {
    const kept = { ...said, commit: this.get()?.commit ?? said.commit };
    this.#values.put('equipment', kept);
    return kept;
  }
}
