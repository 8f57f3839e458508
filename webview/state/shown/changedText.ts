/** Which tokens of a text are not in another one, in the same order. */
import { commonPairs } from '../../../src/measure/compare/commonSubsequence';

/** @returns for each token of `after` whether it is new */
export function changedTokens(before: readonly number[], after: readonly number[]): readonly boolean[] {
  const kept = new Set(commonPairs(before, after).map(([, at]) => at));
  return after.map((_, at) => !kept.has(at));
}
