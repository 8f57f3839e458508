/**
 * Rollout over weights as they are held, for whole maps and for a few tokens. A map multiplies whole layers, which grows
 * with the third power of the text; one token's row or column needs a vector only, and is exact for any length.
 */
import type { Steps } from '../../attention/inSteps';
import type { KindInfo } from '../../attention/types';
import type { WeightSource } from '../map';
import { productInSteps, withResidual } from './rollout';

/** Texts with more tokens have no rollout map: it would take minutes. */
export const MOST_ROLLOUT_TOKENS = 1024;

/** The weights of one kind, and those of the encoder that it looks at, where it looks at another sequence. */
export interface RolloutWeights {
  readonly info: Pick<KindInfo, 'kind' | 'queries' | 'keys'>;
  readonly own: WeightSource;
  /** For cross-attention; undefined for a self-attention. */
  readonly encoder: WeightSource | undefined;
}

/** One layer's mean over heads, [queries][keys]. */
function* layerMean(weights: WeightSource, layer: number): Steps<Float32Array> {
  const { heads, queries, keys } = weights;
  const mean = new Float32Array(queries * keys);
  for (let head = 0; head < heads; head++) {
    const rows = weights.headRows(layer, head);
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (rows[i] as number) / heads; // of one length
    yield undefined;
  }
  return mean;
}

/** ½(A + I) of a layer, rows normalised, [tokens][tokens]. */
function* mixedLayer(own: WeightSource, layer: number, causal: boolean): Steps<Float32Array> {
  return withResidual(yield* layerMean(own, layer), own.queries, causal);
}

/** A self-attention's rollout up to and with a layer, [tokens][tokens]. */
function* selfRollout(own: WeightSource, upTo: number, causal: boolean): Steps<Float32Array> {
  const { queries } = own;
  let before = yield* mixedLayer(own, 0, causal);
  for (let layer = 1; layer <= upTo; layer++)
    before = yield* productInSteps(yield* mixedLayer(own, layer, causal), before, queries, queries, queries, causal);
  return before;
}

/**
 * The rollout map up to and with a layer, [queries][keys]: of a decoder over its lower triangle; of cross-attention that
 * layer's mean over heads, carried back through all of the encoder.
 */
export function* rolloutMapInSteps({ info, own, encoder }: RolloutWeights, upTo: number): Steps<Float32Array> {
  if (!encoder) return yield* selfRollout(own, upTo, info.kind === 'decoder');
  const cross = yield* layerMean(own, upTo);
  const { queries, keys } = own;
  return yield* productInSteps(
    cross,
    yield* selfRollout(encoder, encoder.layers - 1, false),
    queries,
    keys,
    keys,
    false,
  );
}

/** vector · matrix, [rows] by [rows][columns]. */
function times(vector: Float32Array, matrix: Float32Array, columns: number): Float32Array {
  const out = new Float32Array(columns);
  for (const [row, share] of vector.entries()) {
    if (share === 0) continue;
    const from = row * columns;
    for (let column = 0; column < columns; column++)
      out[column] = (out[column] as number) + share * (matrix[from + column] as number); // column < columns
  }
  return out;
}

/** matrix · vector, [rows][columns] by [columns]. */
function onto(matrix: Float32Array, vector: Float32Array): Float32Array {
  const columns = vector.length;
  const out = new Float32Array(matrix.length / Math.max(1, columns));
  for (let row = 0; row < out.length; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++)
      sum += (matrix[row * columns + column] as number) * (vector[column] as number); // column < columns
    out[row] = sum;
  }
  return out;
}

/** The mean (or weighted sum) of some rows of the map, [keys]. @param shares of each query, [queries] */
export function* rolloutRowInSteps(
  { info, own, encoder }: RolloutWeights,
  upTo: number,
  shares: Float32Array,
): Steps<Float32Array> {
  let row = shares;
  if (encoder) row = times(row, yield* layerMean(own, upTo), own.keys);
  const through = encoder ?? own;
  for (let layer = encoder ? encoder.layers - 1 : upTo; layer >= 0; layer--)
    row = times(row, yield* mixedLayer(through, layer, info.kind === 'decoder'), through.keys);
  return row;
}

/** The sum of some columns of the map, [queries]. @param shares of each key, [keys] */
export function* rolloutColumnInSteps(
  { info, own, encoder }: RolloutWeights,
  upTo: number,
  shares: Float32Array,
): Steps<Float32Array> {
  let column = shares;
  const through = encoder ?? own;
  const last = encoder ? encoder.layers - 1 : upTo;
  for (let layer = 0; layer <= last; layer++)
    column = onto(yield* mixedLayer(through, layer, info.kind === 'decoder'), column);
  return encoder ? onto(yield* layerMean(own, upTo), column) : column;
}
