import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { DEFAULT_REPOSITORY_SETTINGS } from '../../../protocol/settings.ts';
import { type ThreadApi, taskObjectName } from '../../tasks/api.ts';
import type { Task } from '../../tasks/task.ts';
import { fakePorts } from '../../tasks/testing/fake-ports.ts';

/** A task's object as it is. */
export function taskStub(personId: string, taskId: string): DurableObjectStub<Task> {
  return env.TASK.get(env.TASK.idFromName(taskObjectName(personId, taskId)));
}

/** Plays all that is around a task's object but its conversation. */
export function surroundTask(
  stub: DurableObjectStub<Task>,
  thread: () => ThreadApi,
): Promise<void> {
  return runInDurableObject(stub, (instance) => {
    const { ports } = fakePorts();
    instance.ports = () => ({ ...ports, thread });
  });
}

/** A conversation that hears nothing of what its tasks report. */
export const DEAF: ThreadApi = {
  taskReport: async () => 'taken',
  taskProgress: async () => {},
  reserveOfDay: async () => ({ is: 'ok' }),
  taskUnreadable: async () => {},
  sandboxSettings: async () => DEFAULT_REPOSITORY_SETTINGS,
  asker: async () => null,
  setupValues: async () => ({ values: [], names: [], missing: [] }),
};
