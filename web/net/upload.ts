import { Attachment } from '../../protocol/attachment.ts';
import { Refused } from '../../protocol/pages.ts';

/** What came of an upload; `text` is for the person. */
export type Uploaded =
  | { is: 'stored'; attachment: Attachment }
  | { is: 'refused'; text: string }
  /** Nothing came of it, or half of it: it is to be sent again. */
  | { is: 'away' };

/** Answers after which the same is tried again: signed out, broken off, not there now. */
const AGAIN = new Set([0, 401, 408, 429]);

/**
 * Sends a file under its id; sent again under the same, it is one. Not by `fetch`, which does not say
 * how far it is.
 *
 * @param onShare how much of it has gone, from 0 to 1.
 */
export function upload(
  { id, name }: { id: string; name: string },
  blob: Blob,
  onShare: (share: number) => void,
  signal: AbortSignal,
): Promise<Uploaded> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `/api/attachments/${id}?name=${encodeURIComponent(name)}`);
    request.setRequestHeader('x-requested-with', 'XMLHttpRequest');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      if (total > 0) onShare(loaded / total);
    });
    request.addEventListener('loadend', () => resolve(answerOf(request)));
    signal.addEventListener('abort', () => request.abort());
    request.send(blob);
  });
}

function answerOf({ status, responseText }: XMLHttpRequest): Uploaded {
  if (AGAIN.has(status) || status >= 500) return { is: 'away' };
  const said = json(responseText);
  const stored = Attachment.safeParse(said);
  if (status === 200 && stored.success) return { is: 'stored', attachment: stored.data };
  const refused = Refused.safeParse(said);
  if (refused.success && refused.data.error === 'cut') return { is: 'away' };
  return {
    is: 'refused',
    text: refused.success ? refused.data.text : 'That was not taken. Attach it again.',
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
