/** What came of the last search that ended, and for which words. */
export type Searched<Outcome> = { query: string; outcome: Outcome };

/**
 * Searches for what is being typed, one search at a time: while one is under way, what is typed
 * meanwhile waits, and only its last state is searched for next. No pause is waited for.
 */
export function createSearching<Outcome>(parts: {
  search(query: string): Promise<Outcome>;
  onStart(): void;
  onEnd(searched: Searched<Outcome> | null, isLast: boolean): void;
}): (query: string) => void {
  let wanted = '';
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    for (let query: string | null = null; query !== wanted;) {
      query = wanted;
      if (query === '') {
        parts.onEnd(null, true);
        continue;
      }
      parts.onStart();
      const outcome = await parts.search(query);
      // Emptied meanwhile: nothing is shown for words that nobody asks for any more.
      if (wanted !== '') parts.onEnd({ query, outcome }, query === wanted);
    }
    isRunning = false;
  };
  return (query) => {
    wanted = query.trim();
    if (!isRunning) void run();
  };
}
