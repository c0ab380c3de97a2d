/** A text as it is compared: small letters, and none of the marks that letters carry. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** A piece of a text; `isFound` where one of the words stands. */
export type Piece = { text: string; isFound: boolean };

/** The words of a search as people type it: `"a phrase"` is one, `-without` is none. */
export function wordsOf(query: string): string[] {
  const found = query.matchAll(/(?<![^\s])(?<not>-?)(?:"(?<phrase>[^"]+)"?|(?<word>[^\s"]+))/gu);
  const words = [...found].flatMap(({ groups }) =>
    groups?.['not'] === '-' ? [] : (groups?.['phrase'] ?? groups?.['word'] ?? []),
  );
  return words
    .map((word) => folded(word).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '');
}

/** True where each of the words stands somewhere in the text. */
export function holdsAll(text: string, words: readonly string[]): boolean {
  const said = folded(text);
  return words.every((word) => said.includes(word));
}

/** The text in pieces, so that what was looked for can be marked. Together they are the text. */
export function piecesOf(text: string, words: readonly string[]): Piece[] {
  // Folding changes lengths (ß, é, İ): each folded unit remembers the character it comes from.
  let said = '';
  const from: number[] = [];
  let at = 0;
  for (const character of text) {
    const plain = folded(character);
    for (let unit = 0; unit < plain.length; unit++) from.push(at);
    said += plain;
    at += character.length;
  }
  from.push(text.length);
  const isFound = new Uint8Array(text.length);
  for (const word of words) {
    for (let place = said.indexOf(word); place !== -1; place = said.indexOf(word, place + 1)) {
      // To the beginning of the next character: what a letter carries belongs to it.
      let end = place + word.length;
      while (end < said.length && from[end] === from[end - 1]) end += 1;
      isFound.fill(1, from[place], from[end]);
    }
  }
  const pieces: Piece[] = [];
  let start = 0;
  for (let end = 1; end <= text.length; end++) {
    if (end < text.length && isFound[end] === isFound[start]) continue;
    pieces.push({ text: text.slice(start, end), isFound: isFound[start] === 1 });
    start = end;
  }
  return pieces;
}
