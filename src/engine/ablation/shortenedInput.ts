/** The input of a text without some parts of it, and where its output is then predicted. */
import { inputSequence } from '../../attention/sequences';
import type { SequenceName, TokenRange } from '../../attention/types';
import { isIn } from '../text/leftOutPieces';
import type { TextSequences } from '../text/sequenceIds';
import type { ComputedExplanation } from '../text/computedExplanation';
import type { OutputPlace } from './outputPlaces';

/** The part of a text that can be left out. */
export interface InputPart {
  readonly sequence: SequenceName;
  /** Its tokens are those before this index; a decoder-only model's own text comes after it. */
  readonly end: number;
}

export function inputPart({ model, sequences, outputText }: ComputedExplanation): InputPart {
  const sequence = inputSequence(model.report.family);
  return { sequence, end: sequence === 'target' ? outputText.given : sequences.source.length };
}

/** The places of so many tokens that are left without `ranges`. */
export const keptIndices = (count: number, ranges: readonly TokenRange[]): readonly number[] =>
  Array.from({ length: count }, (_, at) => at).filter((at) => !isIn(ranges, at));

/** Ids without `ranges`, or with the filler in place of each token. */
export function idsWithout(
  ids: readonly number[],
  ranges: readonly TokenRange[],
  filler: number | null,
): readonly number[] {
  if (filler === null) return ids.filter((_, at) => !isIn(ranges, at));
  return ids.map((id, at) => (isIn(ranges, at) ? filler : id));
}

/** A text's sequences without `ranges` of one of them, as `idsWithout`; the types of what is left stay. */
export function sequencesWithout(
  sequences: TextSequences,
  sequence: SequenceName,
  ranges: readonly TokenRange[],
  filler: number | null,
): TextSequences {
  const { types } = sequences;
  const kept = filler === null && sequence === 'source' ? types?.filter((_, at) => !isIn(ranges, at)) : types;
  return {
    ...sequences,
    [sequence]: idsWithout(sequences[sequence], ranges, filler),
    ...(kept && { types: kept }),
  };
}

/**
 * The position whose logits predict a place of the output once `ranges` of the same sequence are left out; null where
 * the place itself is left out, or nothing is left before it.
 */
export function rowWithout(
  { index, row }: OutputPlace,
  ranges: readonly TokenRange[],
  filler: number | null,
): number | null {
  if (isIn(ranges, index)) return null;
  if (filler !== null) return row;
  const before = ranges.reduce((sum, { from, to }) => (from < index ? sum + to - from : sum), 0);
  return row - before < 0 ? null : row - before;
}
