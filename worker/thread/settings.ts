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
    case 'instructions':
      return { ...settings, instructions: change.text };
    case 'repository': {
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

export function repositorySettings(settings: Settings, repository: string): RepositorySettings {
  return settings.repositories[repository] ?? DEFAULT_REPOSITORY_SETTINGS;
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
