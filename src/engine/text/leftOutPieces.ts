/** Pieces of a text that are left out: which there can be, what stands in their place, and what is left. */
import type { TokenRange } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { LeaveOutRequest } from '../../protocol/engine';
import { say } from '../../text/say';
import type { LoadedModel } from '../model/loadedModel';

/** Ranges in order; those that touch or overlap become one. @throws ExplainError INVALID_REQUEST where one is not of the input, or there is none */
export function checkedRanges(ranges: readonly TokenRange[], { end }: { readonly end: number }): readonly TokenRange[] {
  if (ranges.length === 0 || ranges.some(({ from, to }) => from < 0 || from >= to || to > end))
    throw new ExplainError('INVALID_REQUEST', say('engine.leaveOutNoPiece'));
  const joined: TokenRange[] = [];
  for (const range of [...ranges].sort((one, other) => one.from - other.from)) {
    const last = joined.at(-1);
    if (last && range.from <= last.to) joined.splice(-1, 1, { from: last.from, to: Math.max(last.to, range.to) });
    else joined.push(range);
  }
  return joined;
}

/**
 * The token that stands in place of each that is left out; null where they are removed.
 * @throws ExplainError INVALID_REQUEST where the model has none
 */
export function fillerFor(
  { model }: { readonly model: Pick<LoadedModel, 'report' | 'tokenizer' | 'spec'> },
  manner: LeaveOutRequest['manner'],
): number | null {
  if (manner === 'removed') return null;
  const mask = model.report.fillsMasks ? model.tokenizer.maskToken?.id : undefined;
  const filler = mask ?? model.spec.pad;
  if (filler < 0) throw new ExplainError('INVALID_REQUEST', say('engine.noFiller'));
  return filler;
}

/** True for a token that is in one of the ranges. */
export const isIn = (ranges: readonly TokenRange[], at: number): boolean =>
  ranges.some(({ from, to }) => at >= from && at < to);

/** False where only special tokens would be left. */
export const isAnythingLeft = (
  tokens: readonly { readonly special: boolean }[],
  ranges: readonly TokenRange[],
): boolean => tokens.some(({ special }, at) => !special && !isIn(ranges, at));
