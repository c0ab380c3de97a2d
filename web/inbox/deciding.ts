/** What the opened item tells the form that settles it. */
export type Deciding = {
  /** What was decided here and is on its way, in words: nothing else can be decided meanwhile. */
  busy: string | null;
  /** Something was decided: the next item may open. */
  onDecide(): void;
  /** The control that had the focus goes away. */
  onKeepFocus(): void;
};
