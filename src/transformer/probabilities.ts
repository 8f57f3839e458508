/** True next-token probabilities: softmax over the whole vocabulary at temperature 1, summed in float64. */
import { ExplainError } from '../errors';
import { say } from '../text/say';
import { sumOfExp } from './exp';

export interface TokenProbability {
  readonly id: number;
  /** 0 to 1. */
  readonly probability: number;
}

const TOP = 10;

/** Logits that give no probabilities: one of them is NaN or +∞, or all are −∞. (One of −∞ is a token that is ruled out.) */
export function notFinite(): ExplainError {
  return new ExplainError('NOT_FINITE', say('transformer.notFinite'));
}

/**
 * log Σ exp(logit), with the largest taken out first so that nothing overflows.
 * @throws ExplainError NOT_FINITE
 */
function logSumExp(logits: Float32Array, largest: number): number {
  const total = Number.isFinite(largest) ? largest + Math.log(sumOfExp(logits, largest)) : NaN;
  if (!Number.isFinite(total)) throw notFinite();
  return total;
}

function largestOf(logits: Float32Array): number {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  return largest;
}

/**
 * The most probable tokens, most probable first; equal ones by id.
 * @param logits [vocabulary]
 * @throws ExplainError NOT_FINITE
 */
export function topTokens(logits: Float32Array, count = TOP): readonly TokenProbability[] {
  const ids: number[] = [];
  const insert = (id: number, end: number): void => {
    let at = end;
    for (; at > 0 && (logits[ids[at - 1] as number] as number) < (logits[id] as number); at--)
      ids[at] = ids[at - 1] as number; // at - 1 is listed
    ids[at] = id;
  };
  let next = 0;
  for (; next < logits.length && ids.length < count; next++) if (!Number.isNaN(logits[next])) insert(next, ids.length);
  // The list is full: from here on a token enters it only with a larger logit than the last one listed has. NaN is never larger.
  const last = count - 1;
  let least = logits[ids[last] ?? -1] ?? Infinity;
  for (let id = next; id < logits.length; id++) {
    if (!((logits[id] as number) > least)) continue; // id < length
    insert(id, last);
    least = logits[ids[last] as number] as number; // the list is full
  }
  const total = logSumExp(logits, logits[ids[0] ?? -1] ?? -Infinity);
  return ids.map((id) => ({ id, probability: Math.exp((logits[id] as number) - total) }));
}

/** The natural logarithm of one token's probability. @throws ExplainError NOT_FINITE */
export function logProbabilityOf(logits: Float32Array, id: number): number {
  const logit = logits[id];
  return logit === undefined ? -Infinity : logit - logSumExp(logits, largestOf(logits));
}

/**
 * The natural logarithms of all tokens' probabilities.
 * @param logits [vocabulary]; not changed
 * @throws ExplainError NOT_FINITE
 */
export function logProbabilities(logits: Float32Array): Float32Array {
  const total = logSumExp(logits, largestOf(logits));
  return logits.map((logit) => logit - total);
}

/** One token's probability. @throws ExplainError NOT_FINITE */
export const probabilityOf = (logits: Float32Array, id: number): number => Math.exp(logProbabilityOf(logits, id));

/** 1-based rank by probability; equal ones by id, as in `topTokens`. */
export function probabilityRank(logits: Float32Array, id: number): number {
  const own = logits[id];
  if (own === undefined) return logits.length;
  let rank = 1;
  for (let other = 0; other < logits.length; other++) {
    const logit = logits[other] as number; // other < length
    if (logit > own || (logit === own && other < id)) rank++;
  }
  return rank;
}
