/** Says without fetching what is needed for files that a draft has some. */
export const draftMark = (place: string): string => `draft-files:${place}`;
