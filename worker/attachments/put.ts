import { attachmentName, maxBytesOf, notTaken } from '../../protocol/attachable.ts';
import type { Attachment } from '../../protocol/attachment.ts';
import { log } from '../platform/log.ts';
import { checked } from './checked.ts';
import { attachmentKey, besideOf } from './kept.ts';

/** What came of an upload; `text` is for the person. */
export type Put =
  | { is: 'stored'; attachment: Attachment }
  | { is: 'refused'; error: 'malformed' | 'empty' | 'size' | 'kind' | 'cut'; text: string };

const MALFORMED: Put = { is: 'refused', error: 'malformed', text: 'That is no such request.' };
const CUT: Put = {
  is: 'refused',
  error: 'cut',
  text: 'The file did not arrive whole. Send it again.',
};

/**
 * Streams a file to R2 under its id, unless it is none that is taken: by its size, and by what it is.
 *
 * @param begin called once it is worth beginning; what it gives instead of null ends it there.
 */
export async function putAttachment<Instead = never>(
  bucket: Pick<R2Bucket, 'put'>,
  personId: string,
  given: { id: string; name: string; bytes: number },
  body: ReadableStream<Uint8Array>,
  begin: (name: string) => Promise<Instead | null> = async () => null,
): Promise<Put | Instead> {
  const { id, bytes } = given;
  const name = attachmentName(given.name);
  const key = await attachmentKey(personId, id);
  const stop = async <T>(instead: T): Promise<T> => {
    await body.cancel();
    return instead;
  };
  if (key === null || !Number.isInteger(bytes)) return stop(MALFORMED);
  if (bytes === 0) return stop({ is: 'refused', error: 'empty', text: notTaken.empty(name) });
  // No kind may have more.
  if (bytes > maxBytesOf('image/png')) {
    return stop({
      is: 'refused',
      error: 'size',
      text: notTaken.size(name, 'image/png', bytes),
    });
  }
  const instead = await begin(name);
  if (instead !== null) return stop(instead);
  const upload = await checked(body, name, bytes);
  if (upload.is === 'refused') return upload;
  const attachment = { id, name, type: upload.type, bytes };
  try {
    // R2 takes a body of known length only; a body that differs from it fails here.
    const exact = upload.body.pipeThrough(new FixedLengthStream(bytes));
    await bucket.put(key, exact, besideOf(attachment));
    return { is: 'stored', attachment };
  } catch (error) {
    if (upload.isNoText()) return { is: 'refused', error: 'kind', text: notTaken.kind(name) };
    log.warn('attachment.cut', { attachmentId: id, error: String(error) });
    return CUT;
  }
}
