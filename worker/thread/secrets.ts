import { type NewSecret, type Secret, VARIABLES_MAX } from '../../protocol/environment.ts';
import type { GivenValue, SetupAnswer, SetupRequest } from '../../protocol/setup.ts';
import { type ReadKeys, type SealingKeys, isOfOlderKey, open, seal } from '../platform/sealed.ts';
import type { ChangeLog } from './change-log.ts';
import { repositorySettings } from './settings.ts';
import type { SecretRows } from './storage/secret-rows.ts';
import type { ThreadStore } from './storage/thread-store.ts';

/** What came of a change; `text` is for the person. */
export type SecretAnswer =
  | { is: 'done' }
  | { is: 'refused'; error: 'not_found' | 'not_possible_now'; text: string };

const refused = (text: string): Extract<SecretAnswer, { is: 'refused' }> => ({
  is: 'refused',
  error: 'not_possible_now',
  text,
});

/** Nobody has signed in to this conversation yet, or it cannot be opened. */
export const NOT_OPEN = refused('This conversation is not open now. Try again in a minute.');

/**
 * The secrets of a person's repositories. Their values come in, are sealed at once, and are opened for
 * a sandbox's set-up only; their names are among the settings, which every page sees.
 */
export class Secrets {
  readonly #store: ThreadStore;
  readonly #rows: SecretRows;
  readonly #changeLog: ChangeLog;
  readonly #keys: () => Promise<ReadKeys>;

  constructor(parts: {
    store: ThreadStore;
    rows: SecretRows;
    changeLog: ChangeLog;
    keys: () => Promise<ReadKeys>;
  }) {
    this.#store = parts.store;
    this.#rows = parts.rows;
    this.#changeLog = parts.changeLog;
    this.#keys = parts.keys;
  }

  /** Keeps its value, or takes it away with `null`. */
  async change(
    repository: string,
    name: string,
    secret: NewSecret | null,
    now: number,
  ): Promise<SecretAnswer> {
    return secret === null
      ? this.#remove(repository, name, now)
      : this.#put(repository, name, secret, now);
  }

  async #put(
    repository: string,
    name: string,
    { value, during }: NewSecret,
    now: number,
  ): Promise<SecretAnswer> {
    const read = await this.#keys();
    if (read.is === 'none') return refused(read.why);
    const sealed = await seal(read.keys, value, this.#belongsTo(repository, name));
    return this.#changeLog.change(() => {
      const others = this.#of(repository).filter((secret) => secret.name !== name);
      if (others.length >= VARIABLES_MAX) {
        return refused(`A repository may have ${VARIABLES_MAX} secrets. Remove one first.`);
      }
      const { variables } = repositorySettings(this.#store.settings, repository);
      if (variables.some((variable) => variable.name === name)) {
        return refused(`${name} is the name of a variable already. Remove that first.`);
      }
      this.#rows.put(repository, name, sealed);
      this.#keepNames(repository, [...others, { name, during, at: now }], now);
      return { is: 'done' };
    });
  }

  #remove(repository: string, name: string, now: number): SecretAnswer {
    return this.#changeLog.change(() => {
      const others = this.#of(repository).filter((secret) => secret.name !== name);
      if (others.length === this.#of(repository).length) {
        return { is: 'refused', error: 'not_found', text: 'There is no such secret.' };
      }
      this.#rows.remove(repository, name);
      this.#keepNames(repository, others, now);
      return { is: 'done' };
    });
  }

  /** What a sandbox in this repository is given, with the values. */
  async given(repository: string, { for: wanted }: SetupRequest): Promise<SetupAnswer> {
    const { variables } = repositorySettings(this.#store.settings, repository);
    const secrets = this.#of(repository);
    const names = [...variables, ...secrets].map(({ name }) => name).toSorted();
    const isWanted = ({ during }: { during: Secret['during'] }) =>
      wanted === 'setup' || during === 'work';
    const values: GivenValue[] = variables
      .filter(isWanted)
      .map((variable) => ({ ...variable, isSecret: false }));
    const missing: string[] = [];
    const read = await this.#keys();
    if (read.is === 'keys') await this.#sealAnew(read.keys);
    for (const secret of secrets.filter(isWanted)) {
      const opened = await this.#open(read, repository, secret.name);
      if (opened.is === 'opened') {
        const { name, during } = secret;
        values.push({ name, during, value: opened.text, isSecret: true });
      } else {
        missing.push(
          `The secret ${secret.name} cannot be used. ${opened.why} Set it again in the settings.`,
        );
      }
    }
    return { values, names, missing };
  }

  /** A key that was replaced can go once nothing is sealed with it: each use of a secret brings that about. */
  async #sealAnew(keys: SealingKeys): Promise<void> {
    for (const { repository, name, sealed } of this.#rows.all()) {
      if (!isOfOlderKey(keys, sealed)) continue;
      const belongsTo = this.#belongsTo(repository, name);
      const opened = await open(keys, sealed, belongsTo);
      if (opened.is === 'closed') continue;
      const again = await seal(keys, opened.text, belongsTo);
      // Unless it was changed or removed meanwhile.
      if (this.#rows.get(repository, name) === sealed) this.#rows.put(repository, name, again);
    }
  }

  async #open(read: ReadKeys, repository: string, name: string) {
    const sealed = this.#rows.get(repository, name);
    if (sealed === null) return { is: 'closed' as const, why: 'Its value is not kept here.' };
    if (read.is === 'none') return { is: 'closed' as const, why: read.why };
    return open(read.keys, sealed, this.#belongsTo(repository, name));
  }

  #of(repository: string): Secret[] {
    return this.#store.settings.secrets[repository] ?? [];
  }

  #keepNames(repository: string, list: Secret[], now: number): void {
    const { settings } = this.#store;
    const { [repository]: _before, ...others } = settings.secrets;
    const sorted = list.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const secrets = sorted.length === 0 ? others : { ...others, [repository]: sorted };
    this.#changeLog.putSettings({ ...settings, secrets }, now);
  }

  #belongsTo(repository: string, name: string): string[] {
    return [this.#store.personId ?? '', repository, name];
  }
}
