import { createStore } from 'solid-js/store';
import { newId } from '../net/new-id.ts';
import { notTaken } from '../../protocol/attachable.ts';
import { ATTACHMENTS_MAX, type Attachment } from '../../protocol/attachment.ts';
import { reconnectPause } from '../net/backoff.ts';
import { type KeptFile, keptFiles } from '../net/kept-files.ts';
import { type Uploaded, upload } from '../net/upload.ts';
import { draftMark } from './draft-mark.ts';

/** How far a file is on its way to the server. */
export type FileState =
  | { is: 'waiting' }
  | { is: 'sending'; share: number }
  | { is: 'stored' }
  | { is: 'refused'; text: string };

/** A file that is attached to a draft, or to what waits to be sent. */
export type HeldFile = Attachment & { place: string | null; state: FileState; url: string };

/** What a file is before it has an id. */
export type NewFile = Pick<Attachment, 'name' | 'type'> & { blob: Blob };

export type Files = {
  /** Those in this draft, in order. */
  of(place: string): HeldFile[];
  held(id: string): HeldFile | undefined;
  /** @returns why not, in a sentence; null when it is there. */
  add(place: string, file: NewFile): string | null;
  remove(id: string): void;
  /** The draft is sent: its files belong to the message from now on. */
  take(place: string): Attachment[];
  /** A message was not taken: its files are in a draft again. */
  putBack(place: string, attachments: readonly Attachment[]): void;
  /** True once the server has all of them. One that is not known here was sent from elsewhere. */
  areStored(ids: readonly string[]): boolean;
  /** The server has what they belong to. */
  forget(ids: readonly string[]): void;
  /** Sends what waits, now that there may be a way. */
  resume(): void;
};

/**
 * Files on their way: kept on the disk before they are sent, sent one at a time, and sent again after a
 * cut or a new start of the page until the server has said what became of them.
 */
export async function openFiles(options: {
  person: () => string | null;
  /** Something has reached the server, or never will. */
  onSettled: () => void;
  send?: typeof upload;
}): Promise<Files> {
  const { person, onSettled, send = upload } = options;
  const [files, setFiles] = createStore<HeldFile[]>([]);
  const kept = new Map<string, KeptFile>();
  let sending: AbortController | null = null;
  let sendingId: string | null = null;
  let tries = 0;
  let again: ReturnType<typeof setTimeout> | undefined;

  /** Somebody else's, who was signed in on this device, wait until they are back. */
  const isOwn = ({ id }: HeldFile): boolean => {
    const owner = kept.get(id)?.person ?? null;
    return owner === null || owner === person();
  };
  const inDraft = (place: string) => files.filter((file) => file.place === place && isOwn(file));
  const hold = (file: KeptFile): void => {
    const { id, name, type, bytes, place, blob, stored } = file;
    kept.set(id, file);
    const state: FileState = stored ? { is: 'stored' } : { is: 'waiting' };
    const url = URL.createObjectURL(blob);
    setFiles((before) => [...before, { id, name, type, bytes, place, state, url }]);
  };
  /** No storage here, or no room: it lives as long as the page. */
  const keep = (file: KeptFile) => void keptFiles.put(file).catch(() => {});
  const change = (id: string, how: Partial<KeptFile>): void => {
    const file = kept.get(id);
    if (file === undefined) return;
    const changed = { ...file, ...how };
    kept.set(id, changed);
    keep(changed);
  };
  const set = (id: string, how: Partial<HeldFile>) => setFiles((file) => file.id === id, how);
  const mark = (place: string): void => {
    if (inDraft(place).length > 0) localStorage.setItem(draftMark(place), '1');
    else localStorage.removeItem(draftMark(place));
  };
  const drop = (id: string): void => {
    const file = files.find((one) => one.id === id);
    if (file === undefined) return;
    if (sendingId === id) sending?.abort();
    URL.revokeObjectURL(file.url);
    kept.delete(id);
    void keptFiles.remove(id).catch(() => {});
    setFiles((before) => before.filter((one) => one.id !== id));
    if (file.place !== null) mark(file.place);
  };

  const settle = (id: string, came: Uploaded): void => {
    switch (came.is) {
      case 'stored': {
        const { name, type, bytes } = came.attachment;
        change(id, { name, type, bytes, stored: true });
        set(id, { name, type, bytes, state: { is: 'stored' } });
        break;
      }
      case 'refused':
        set(id, { state: { is: 'refused', text: came.text } });
        break;
      case 'away':
        set(id, { state: { is: 'waiting' } });
    }
  };

  const sendNext = async (): Promise<void> => {
    const next = files.find((file) => file.state.is === 'waiting' && isOwn(file));
    const file = next && kept.get(next.id);
    if (sending !== null || file === undefined) return;
    clearTimeout(again);
    sending = new AbortController();
    sendingId = file.id;
    set(file.id, { state: { is: 'sending', share: 0 } });
    const onShare = (share: number) => set(file.id, { state: { is: 'sending', share } });
    const came = await send(file, file.blob, onShare, sending.signal);
    sending = null;
    sendingId = null;
    settle(file.id, came);
    if (came.is === 'away') {
      again = setTimeout(() => void sendNext(), reconnectPause(tries++, Math.random()));
      return;
    }
    tries = 0;
    onSettled();
    await sendNext();
  };

  const add = (place: string, { name, type, blob }: NewFile): string | null => {
    if (inDraft(place).length >= ATTACHMENTS_MAX) return notTaken.tooMany();
    const file: KeptFile = {
      id: newId(),
      name,
      type,
      bytes: blob.size,
      blob,
      place,
      person: person(),
      stored: false,
    };
    hold(file);
    keep(file);
    mark(place);
    void sendNext();
    return null;
  };

  for (const file of await keptFiles.all().catch(() => [])) hold(file);
  void sendNext();

  return {
    of: inDraft,
    held: (id) => files.find((file) => file.id === id),
    add,
    remove: drop,
    take: (place) => {
      const taken = inDraft(place).filter(({ state }) => state.is !== 'refused');
      for (const { id } of taken) {
        change(id, { place: null });
        set(id, { place: null });
      }
      for (const { id } of inDraft(place)) drop(id);
      mark(place);
      return taken.map(({ id, name, type, bytes }) => ({ id, name, type, bytes }));
    },
    putBack: (place, attachments) => {
      for (const { id } of attachments) {
        const file = kept.get(id);
        if (file === undefined) continue;
        // Under another id: what the server knows of the first may be why it was not taken.
        drop(id);
        add(place, file);
      }
    },
    areStored: (ids) =>
      ids.every((id) => {
        const state = files.find((file) => file.id === id)?.state.is;
        // One that is refused goes with its message, which is refused in words.
        return state === undefined || state === 'stored' || state === 'refused';
      }),
    forget: (ids) => ids.forEach(drop),
    resume: () => {
      tries = 0;
      void sendNext();
    },
  };
}
