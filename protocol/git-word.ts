/** How a sentence of the gateway's begins where it refuses git: git shows it behind its own `remote: `. */
export const GIT_WORD = 'Mainloop says: ';

/** What the gateway said, in what git wrote; null where it said nothing. */
export const gatewaysWord = (output: string): string | null =>
  new RegExp(`(?:^|: )remote: ${GIT_WORD}(.+)$`, 'm').exec(output)?.[1] ?? null;
