/** The ids of a text's two sequences, as a run takes them. */
import type { SequenceName, Token } from '../../attention/types';

export interface TextSequences {
  readonly source: readonly number[];
  readonly target: readonly number[];
  /** The types of the source's ids where it is a pair of texts; left out where all are 0. */
  readonly types?: readonly number[];
}

export function sequencesIn({ source, target }: Readonly<Record<SequenceName, readonly Token[]>>): TextSequences {
  const typed = source.some(({ type }) => type !== undefined);
  return {
    source: source.map(({ id }) => id),
    target: target.map(({ id }) => id),
    ...(typed && { types: source.map(({ type = 0 }) => type) }),
  };
}
