import * as z from 'zod/mini';
import type { BackupRow } from '../../protocol/backup.ts';
import { personHash } from '../platform/person-hash.ts';

/*
 * What is imported belongs to whoever imports it, whatever the file says: the person is theirs, and the
 * places of checkpoints are in a folder of their own, so that no file can name another's.
 */

type Owner = { personId: string; folder: string };

const FOLDER = /^imported\/[0-9a-f]{32}\//;

/** Where in R2 this person's imported checkpoints are, with a slash at its end. */
export async function importFolder(personId: string): Promise<string> {
  return `imported/${await personHash(personId)}/`;
}

/** The key under which a checkpoint of a file is kept here. */
export function importedKey(folder: string, key: string): string {
  return `${folder}${key.replace(FOLDER, '')}`;
}

const Part = z.nullish(z.looseObject({ generation: z.int(), key: z.optional(z.string()) }));
const State = z.looseObject({
  values: z.looseObject({
    head: z.looseObject({ spec: z.looseObject({}) }),
    checkpoint: z.nullish(z.record(z.string(), Part)),
  }),
  effects: z._default(
    z.array(
      z.looseObject({
        key: z.string(),
        effect: z.looseObject({ do: z.string(), key: z.optional(z.string()) }),
      }),
    ),
    [],
  ),
});
const Started = z.looseObject({ spec: z.looseObject({}) });

/** The row as this person's. */
export function ownRow(owner: Owner, one: BackupRow): object {
  switch (one.table) {
    case 'thread_tasks': {
      const read = Started.safeParse(one.row);
      if (!read.success) return one.row;
      return { ...one.row, spec: { ...read.data.spec, personId: owner.personId } };
    }
    case 'task_states': {
      const read = State.safeParse(one.row);
      return read.success ? ownState(owner, one.taskId ?? '', read.data) : one.row;
    }
    default:
      return one.row;
  }
}

function ownState({ personId, folder }: Owner, taskId: string, state: z.infer<typeof State>) {
  const { head, checkpoint } = state.values;
  const part = (name: string, kept: z.infer<typeof Part>) => {
    if (kept == null) return null;
    const key = importedKey(folder, kept.key ?? `${taskId}/${kept.generation}/${name}`);
    return { ...kept, key };
  };
  const effects = state.effects.flatMap((work) => {
    const { effect } = work;
    // It is where the file was exported, and not here.
    if (effect.do === 'stop_sandbox') return [];
    if (effect.do !== 'delete_checkpoint' || effect.key === undefined) return [work];
    const key = importedKey(folder, effect.key);
    return [{ ...work, key: `delete_checkpoint:${key}`, effect: { ...effect, key } }];
  });
  const values = {
    ...state.values,
    head: { ...head, spec: { ...head.spec, personId, taskId } },
    ...(checkpoint != null && {
      checkpoint: Object.fromEntries(
        Object.entries(checkpoint).map(([name, kept]) => [name, part(name, kept)]),
      ),
    }),
  };
  return { ...state, values, effects };
}
