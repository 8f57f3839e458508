/**
 * A text that is read without some of its pieces: its tokens are left out, or others put in their place, before anything is run. Which
 * heads are off is noted with it; what reads it has them off.
 */
import type { Token, TokenRange } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { DoneIntervention, Intervention } from '../../protocol/engine';
import { say } from '../../text/say';
import type { LoadedModel } from '../model/loadedModel';
import { checkedRanges, fillerFor, isAnythingLeft, isIn } from './leftOutPieces';

export interface TextWithout {
  /** What is left keeps its place in the text, and so does what stands in the place of what is left out. */
  readonly tokens: readonly Token[];
  readonly done: DoneIntervention;
}

/**
 * @param tokens all that the model would read of `text`
 * @throws ExplainError INVALID_REQUEST where there is no such piece, nothing would be left, or nothing can stand in its place
 */
export function readWithout(
  text: string,
  tokens: readonly Token[],
  { ranges, manner, off }: Intervention,
  model: Pick<LoadedModel, 'report' | 'tokenizer' | 'spec'>,
): TextWithout {
  if (ranges.length === 0 && off.length > 0) return { tokens, done: { ranges, manner, off, pieces: [] } };
  const checked = checkedRanges(ranges, { end: tokens.length });
  const filler = fillerFor({ model }, manner);
  if (filler === null && !isAnythingLeft(tokens, checked))
    throw new ExplainError('INVALID_REQUEST', say('engine.leavesNothing'));
  const done = { ranges: checked, manner, off, pieces: checked.map((range) => pieceOf(text, tokens, range)) };
  const isOut = (at: number): boolean => isIn(checked, at);
  if (filler === null)
    return { done, tokens: tokens.flatMap((token, at) => (isOut(at) ? [] : [afterGap(token, isOut(at - 1))])) };
  const name = model.tokenizer.tokenText(filler);
  return {
    done,
    tokens: tokens.map((token, at): Token => {
      const { parts: _parts, ...rest } = token;
      return isOut(at) ? { ...rest, id: filler, text: name, special: false, partial: false } : token;
    }),
  };
}

/** The end of a word whose beginning is left out does not go on with the word before that. */
function afterGap(token: Token, isAfterGap: boolean): Token {
  if (!isAfterGap || !token.joins) return token;
  const { joins: _joins, ...rest } = token;
  return rest;
}

/** A piece as it is written in the text; a chat template's has no place there. */
function pieceOf(text: string, tokens: readonly Token[], { from, to }: TokenRange): string {
  const own = tokens.slice(from, to);
  const placed = own.filter(({ start }) => start >= 0);
  const [first, last] = [placed[0], placed.at(-1)];
  return first && last ? text.slice(first.start, last.end) : own.map((token) => token.text).join('');
}
