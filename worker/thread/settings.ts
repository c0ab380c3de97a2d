import { refusedName } from '../../protocol/refused-name.ts';
import type { WorkerModel } from '../../protocol/model.ts';
import {
  DEFAULT_REPOSITORY_SETTINGS,
  MEMORY_MAX,
  type RepositorySettings,
  type Settings,
  type SettingsChange,
} from '../../protocol/settings.ts';

/** The settings with one change; a sentence for the person when it cannot be made. */
export function changed(
  settings: Settings,
  change: SettingsChange,
  now: number,
): Settings | string {
  switch (change.is) {
    case 'limits':
      return { ...settings, limits: change.limits };
    case 'model':
      return { ...settings, model: change.model };
    case 'instructions':
      return { ...settings, instructions: change.text };
    case 'notifications':
      return { ...settings, notifications: change.notifications };
    case 'repository': {
      const wrong = wrongNames(settings, change.repository, change.settings);
      if (wrong !== null) return wrong;
      const repositories = { ...settings.repositories, [change.repository]: change.settings };
      return { ...settings, repositories };
    }
    case 'remember': {
      const note = { ...change.note, at: now };
      const place = settings.memory.findIndex(({ id }) => id === note.id);
      if (place !== -1) return { ...settings, memory: settings.memory.with(place, note) };
      if (settings.memory.length >= MEMORY_MAX) {
        return `${MEMORY_MAX} notes are remembered already. Delete one in the settings first.`;
      }
      return { ...settings, memory: [...settings.memory, note] };
    }
    case 'forget': {
      const memory = settings.memory.filter(({ id }) => id !== change.noteId);
      return memory.length === settings.memory.length
        ? 'There is no such note.'
        : { ...settings, memory };
    }
  }
}

/** Why these variables cannot be, beside each other and the secrets; null when they can. */
function wrongNames(
  { repositories, secrets }: Settings,
  repository: string,
  { variables }: RepositorySettings,
): string | null {
  const names = variables.map(({ name }) => name);
  const before = repositories[repository]?.variables ?? [];
  // One that was there before it was refused can stay, or no other could be changed.
  const refused = names
    .filter((name) => !before.some((one) => one.name === name))
    .map(refusedName)
    .find((one) => one !== null);
  if (refused !== undefined) return refused;
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) return `${twice} is there twice. A variable has one value.`;
  const secret = secrets[repository]?.find(({ name }) => names.includes(name));
  return secret === undefined
    ? null
    : `${secret.name} is the name of a secret already. Remove that first.`;
}

export function repositorySettings(settings: Settings, repository: string): RepositorySettings {
  return settings.repositories[repository] ?? DEFAULT_REPOSITORY_SETTINGS;
}

/** Who works in this repository where nobody asks for another. */
export function workerModelOf(settings: Settings, repository: string): WorkerModel {
  return repositorySettings(settings, repository).model ?? settings.model;
}

/** What a worker in this repository is told besides its task, as Markdown; empty when there is nothing. */
export function contextFor(settings: Settings, repository: string): string {
  const notes = settings.memory
    .filter((note) => note.repository === null || note.repository === repository)
    .map(({ text }) => `- ${text}`);
  return [
    settings.instructions,
    repositorySettings(settings, repository).instructions,
    notes.join('\n'),
  ]
    .map((part) => part.trim())
    .filter(Boolean)
    .join('\n\n');
}
