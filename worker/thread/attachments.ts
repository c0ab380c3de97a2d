import type { Attachment } from '../../protocol/attachment.ts';
import { log } from '../platform/log.ts';
import type { ThreadPorts } from './ports.ts';
import type { CommandResult } from './storage/rows.ts';
import type { AttachmentRows } from './storage/attachment-rows.ts';

/** After which an upload that did not come to its end is taken for dead: far longer than a request can live. */
const UPLOAD_WITHIN_MS = 60 * 60_000;
/** What nothing refers to is kept for a day: it may be in a draft. */
const UNREFERENCED_KEPT_MS = 24 * 60 * 60_000;
/** Uploads that nothing refers to, at a time: more than anybody has in drafts. */
const UNREFERENCED_MAX = 200;
const DELETE_AGAIN_MS = 60_000;

/** May an upload begin? */
export type UploadOpened =
  | { is: 'open' }
  /** It came before: a page repeats what it heard no answer to. */
  | { is: 'whole'; attachment: Attachment }
  | { is: 'refused'; text: string };

export const UPLOADS_CLOSED: UploadOpened = {
  is: 'refused',
  text: 'This conversation is not open now. Attach it again in a minute.',
};

type Refused = Extract<CommandResult, { is: 'refused' }>;

const TOO_MANY =
  'Too many files were uploaded and not sent. Send some of them, or try again tomorrow: what is not sent goes after a day.';
const GONE =
  'A file of this message is not here any more: what is not sent goes after a day. Attach it again.';

const NOT_ATTACHED =
  'Nothing is attached with such an id: give ids of <attachment> in the person’s messages.';

/**
 * What the person attached. The bytes lie in R2; here is what is known of them, and when those go that
 * nothing refers to. A row with that time is there before anything is in R2, and loses it when a
 * message refers to it: whatever dies in between, nothing stays there for ever.
 */
export class ThreadAttachments {
  readonly #rows: AttachmentRows;
  readonly #ports: () => Pick<ThreadPorts, 'attachments'>;
  readonly #personId: () => string | null;
  readonly #isInConversation: (id: string) => boolean;
  #sweeping: Promise<void> | null = null;

  constructor(parts: {
    rows: AttachmentRows;
    ports: () => Pick<ThreadPorts, 'attachments'>;
    personId: () => string | null;
    /** Whether a message of the conversation refers to it. */
    isInConversation: (id: string) => boolean;
  }) {
    this.#rows = parts.rows;
    this.#ports = parts.ports;
    this.#personId = parts.personId;
    this.#isInConversation = parts.isInConversation;
  }

  /** An upload under this id begins; a broken one is begun anew. */
  begin(id: string, name: string, now: number): UploadOpened {
    const known = this.#rows.get(id);
    if (known?.state === 'whole' && known.attachment !== null) {
      return { is: 'whole', attachment: known.attachment };
    }
    if (known?.state === 'going') return { is: 'refused', text: GONE };
    if (known === null && this.#rows.unreferenced() >= UNREFERENCED_MAX) {
      return { is: 'refused', text: TOO_MANY };
    }
    this.#rows.open(id, name, now + UPLOAD_WITHIN_MS);
    return { is: 'open' };
  }

  /** The upload is whole. False where it came too late: then it has to go, and does. */
  keep(attachment: Attachment, now: number): boolean {
    const known = this.#rows.get(attachment.id);
    if (known?.state === 'open') {
      this.#rows.put(attachment, now + UNREFERENCED_KEPT_MS);
      return true;
    }
    if (known?.state === 'whole') return true;
    this.#rows.open(attachment.id, attachment.name, now);
    this.#rows.going(attachment.id, now);
    return false;
  }

  /** Those that are here, as they are known here, or why not all of them are. */
  known(ids: readonly string[]): Attachment[] | Refused {
    const found = [...new Set(ids)].map((id) => this.#rows.get(id));
    const whole = found.flatMap((row) =>
      row?.state === 'whole' && row.attachment !== null ? [row.attachment] : [],
    );
    return whole.length === found.length ? whole : { is: 'refused', code: 'not_found', text: GONE };
  }

  /** What messages refer to, by its ids, for a worker; a sentence where some of it is not there. */
  named(ids: readonly string[]): Attachment[] | string {
    const known = this.known(ids);
    const isThere = ids.every((id) => this.#rows.get(id)?.deleteAt === null);
    return Array.isArray(known) && isThere ? known : NOT_ATTACHED;
  }

  /**
   * Something refers to them: they stay. Call in the transaction that stores what does.
   * @returns those that nothing else referred to before.
   */
  refer(attachments: readonly Attachment[]): Attachment[] {
    const fresh = attachments.filter(({ id }) => this.#rows.get(id)?.deleteAt !== null);
    for (const { id } of fresh) this.#rows.setDeleteAt(id, null);
    return fresh;
  }

  /**
   * Messages with these do not reach their task any more. They are kept for a day, as they may be back
   * in a draft; one that the conversation has, too, stays.
   */
  tookBack(ids: readonly string[], now: number): void {
    for (const id of ids) {
      if (this.#isInConversation(id)) continue;
      this.#rows.setDeleteAt(id, now + UNREFERENCED_KEPT_MS);
    }
  }

  /** What was to refer to them was refused. */
  letGo(attachments: readonly Attachment[], now: number): void {
    for (const { id } of attachments) this.#rows.setDeleteAt(id, now + UNREFERENCED_KEPT_MS);
  }

  /** Those of a conversation that is rebuilt: its messages refer to them. */
  restore(attachments: readonly Attachment[]): void {
    for (const attachment of attachments) this.#rows.put(attachment, null);
  }

  /** When `sweep` has something to do, or null. */
  wakeAt(): number | null {
    return this.#rows.firstDue();
  }

  /** Deletes what is due; never throws. */
  sweep(now: number): Promise<void> {
    this.#sweeping ??= this.#sweep(now).finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  async #sweep(now: number): Promise<void> {
    const personId = this.#personId();
    if (personId === null) return;
    const due = this.#rows.due(now);
    // First for everybody here, and only then there: no message can refer to it in between.
    for (const { id } of due) this.#rows.going(id, now + DELETE_AGAIN_MS);
    for (const { id } of due) {
      try {
        await this.#ports().attachments.delete(personId, id);
        this.#rows.remove(id);
      } catch (error) {
        log.error('thread.attachment_not_deleted', error, { attachmentId: id });
      }
    }
  }
}
