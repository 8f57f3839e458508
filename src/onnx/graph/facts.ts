/** What is known about one tensor without running the graph. */

/** Bits of `Facts.content`. Each tokens-like input has a bit of its own (up to 20). */
export const CONTENT = { tokens: 0xf_ffff, encoder: 1 << 20, past: 1 << 21, pastEncoder: 1 << 22 } as const;

export interface Facts {
  /** Does not depend on any graph input. */
  readonly constant: boolean;
  /** Which inputs its values (not only its size, mask or positions) come from; see CONTENT. */
  readonly content: number;
  /** Number of dimensions, or -1. */
  readonly rank: number;
  /** Elements of a small integer vector or scalar; null where one is not known. */
  readonly vector: readonly (number | null)[] | undefined;
}

export const UNKNOWN: Facts = { constant: false, content: 0, rank: -1, vector: undefined };
