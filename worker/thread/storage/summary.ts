/** The rolling summary of the conversation, and the log number of the last message that is in it. */
export type Summary = { text: string; upTo: number };
