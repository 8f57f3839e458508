/**
 * A text as one vector, to compare texts by (Reimers and Gurevych 2019, arXiv 1908.10084): what the file itself gives for the whole text,
 * or its tokens' last states taken together as the model's maker says.
 */
import type { StatePooling } from '../../config/sentencePooling';
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import { notFinite } from '../../transformer/probabilities';
import type { RunNumbers } from './runNumbers';

/** @throws ExplainError ANSWER_UNREADABLE where the result has another shape; NOT_FINITE */
export function textVector({ dims, data }: RunNumbers, positions: number, pooling: StatePooling): Float64Array {
  const width = dims.at(-1) ?? 0;
  const rows = dims.length === 2 ? 1 : (dims[1] ?? 0);
  const isRight =
    (dims.length === 2 || dims.length === 3) && dims[0] === 1 && width > 0 && data.length === rows * width;
  if (!isRight || (dims.length === 3 && rows !== positions))
    throw new ExplainError('ANSWER_UNREADABLE', say('engine.task.otherShape', { shape: dims.slice(0, 8).join(' × ') }));
  const vector = new Float64Array(width);
  const from = pooling === 'last' ? rows - 1 : 0;
  const to = pooling === 'first' ? 1 : rows;
  for (let row = from; row < to; row++)
    for (let at = 0; at < width; at++)
      vector[at] = (vector[at] as number) + (data[row * width + at] as number) / (to - from); // within both
  if (!vector.every((value) => Number.isFinite(value))) throw notFinite();
  return vector;
}

/** The cosine of the angle between two vectors of one length, -1 to 1. @throws ExplainError NOT_FINITE where one of them is zero */
export function cosineOf(one: Float64Array, other: Float64Array): number {
  let [product, own, others] = [0, 0, 0];
  for (const [at, value] of one.entries()) {
    const second = other[at] ?? NaN;
    product += value * second;
    own += value * value;
    others += second * second;
  }
  const cosine = product / Math.sqrt(own * others);
  if (!Number.isFinite(cosine)) throw notFinite();
  return cosine;
}
