import { ATTACHMENT, type AttachedFile } from '../product-words.ts';
import { sizeWords } from '../image-size.ts';
import { type Reply, type Turn, say } from '../wire.ts';

/** A file that came with the person's words; `seen` says what of it the model was shown. */
export type Attached = AttachedFile & { seen: string };

/** What is attached in these turns, each with what is to be seen of it: images follow their texts in order. */
export function attachedIn(turns: readonly Turn[]): Attached[] {
  return turns.flatMap(({ texts, images }) => {
    const sizes = images.values();
    return ATTACHMENT.read(texts.join('\n')).map((file) => {
      if (file.text !== undefined) {
        const lines = file.text.split('\n').filter((line) => line.trim() !== '').length;
        return { ...file, seen: `${lines} ${lines === 1 ? 'line' : 'lines'} of text` };
      }
      const isShown = file.image?.startsWith('shown after') === true;
      return { ...file, seen: isShown ? sizeWords(sizes.next().value) : 'not shown again' };
    });
  });
}

/** What came with the words, for whoever wants to know that it arrived. */
export function listed(files: readonly Attached[]): string {
  return files.map(({ name, seen }) => `**${name}** (${seen})`).join(', ');
}

/** Files with no wish about them. */
export function attachedReply(files: readonly Attached[]): Reply | null {
  if (files.length === 0) return null;
  return say(`I have ${listed(files)}. Say what shall be done with it.`);
}
