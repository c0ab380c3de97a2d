import type { WorkerModel } from '../../protocol/model.ts';
import type { Env } from '../env.ts';

type ModelNames = Pick<Env, 'MODEL_OPUS' | 'MODEL_SONNET' | 'MODEL_HAIKU'>;

/** The full name that goes on the wire for a worker model's alias. */
export function workerModelName(env: ModelNames, model: WorkerModel): string {
  switch (model) {
    case 'opus':
      return env.MODEL_OPUS;
    case 'sonnet':
      return env.MODEL_SONNET;
    case 'haiku':
      return env.MODEL_HAIKU;
  }
}
