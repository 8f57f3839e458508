/** Which source words made which written words, read off what a store of weights holds of cross-attention. */
import type { KindWeights } from '../../attention/attentionNumbers';
import type { AlignmentChoice } from '../../attention/types';
import { alignedWords } from '../../measure/alignment/alignedWords';
import { wordWeights } from '../../measure/alignment/alignment';
import type { TextAlignment } from '../../protocol/engine';
import type { HeldWeights } from './maps';

/** One head, or the mean of several, [queries][keys]; a pause after each head. */
export function* crossOf(
  weights: KindWeights,
  { source, layer, head }: Pick<AlignmentChoice, 'source' | 'layer' | 'head'>,
): Generator<undefined, Float32Array, undefined> {
  if (source === 'head') return weights.headRows(layer, head);
  const layers = source === 'layer-mean' ? [layer] : Array.from({ length: weights.layers }, (_, index) => index);
  const sum = new Float32Array(weights.queries * weights.keys);
  const share = 1 / (layers.length * weights.heads);
  for (const from of layers)
    for (let of = 0; of < weights.heads; of++) {
      const rows = weights.headRows(from, of);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + share * (rows[i] as number); // of one length
      yield undefined;
    }
  return sum;
}

/** @throws ExplainError INVALID_REQUEST where the model has no cross-attention, or no such head */
export function* alignText(
  { store, source, target }: HeldWeights,
  choice: AlignmentChoice,
): Generator<undefined, TextAlignment, undefined> {
  const weights = store.kind('cross');
  const cross = yield* crossOf(weights, choice);
  const [from, to] = [alignedWords(source), alignedWords(target)];
  const { reading, layer, head } = choice;
  return {
    source: choice.source,
    layer,
    head,
    reading,
    sourceWords: from.length,
    targetWords: to.length,
    readWords: to.filter((word) => reading === 'predicts' || word.from < weights.queries).length,
    data: wordWeights(cross, weights.keys, from, to, reading),
  };
}
