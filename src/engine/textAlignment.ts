/** Which source words made which written words, read off what a store of weights holds of cross-attention. */
import type { AttentionStore, KindWeights } from '../attention/attentionStore';
import type { AlignmentChoice } from '../attention/types';
import { ExplainError } from '../errors';
import { wordWeights } from '../measure/alignment/alignment';
import type { Word } from '../measure/words/words';
import type { TextAlignment, TextWord } from '../protocol/engine';
import { say } from '../text/say';

/** The words of both texts. */
export interface BothWords {
  readonly source: readonly Word[];
  readonly target: readonly Word[];
}

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
  store: AttentionStore,
  words: BothWords,
  { source, layer, head, reading }: AlignmentChoice,
): Generator<undefined, TextAlignment, undefined> {
  if (!store.has('cross')) throw new ExplainError('INVALID_REQUEST', say('engine.noAlignment'));
  const weights = store.kind('cross');
  const cross = yield* crossOf(weights, { source, layer, head });
  const data = wordWeights(cross, weights.keys, words.source, words.target, reading);
  const plain = ({ from, to, text, kind }: Word): TextWord => ({ from, to, text, kind });
  return {
    source,
    layer,
    head,
    reading,
    sourceWords: words.source.map(plain),
    targetWords: words.target.map(plain),
    data,
  };
}
