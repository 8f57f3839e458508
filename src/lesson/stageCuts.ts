/** Cuts what one token and one head have out of a stage's whole tensor, whatever its layout (`onnx/anatomy/stage.ts`). */
import type { ProbedTensor } from '../protocol/engine';
import type { Matrix } from './arithmetic';

/** A tensor of a run as it came. */
export type StageTensorData = Pick<ProbedTensor, 'layout' | 'dims' | 'data'>;

/** [tokens, features] of a tensor whose last two dimensions are those. */
export function tokensOfStage({ dims, data }: StageTensorData): Matrix {
  const columns = dims.at(-1) ?? 0;
  return { rows: columns === 0 ? 0 : data.length / columns, columns, data };
}

/** [tokens, features of a head]. @param heads of the model; a tensor of fewer (grouped queries) shares each among several */
export function headOfStage({ layout, dims, data }: StageTensorData, head: number, heads: number): Matrix {
  if (layout === 'joined') {
    const [, rows = 0, width = 0] = dims;
    const columns = width / heads;
    const own = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++)
      own.set(data.subarray(row * width + head * columns, row * width + (head + 1) * columns), row * columns);
    return { rows, columns, data: own };
  }
  const [own = 1, rows = 0, columns = 0] = dims.slice(-3);
  const at = own >= heads ? head : Math.floor(head / (heads / own));
  return { rows, columns, data: data.subarray(at * rows * columns, (at + 1) * rows * columns) };
}

/** A query's row over all keys. */
export function mapRowOfStage({ dims, data }: StageTensorData, head: number, query: number): Float32Array {
  const [heads = 1, queries = 0, keys = 0] = dims.slice(-3);
  const start = ((heads === 1 ? 0 : head) * queries + query) * keys;
  return data.subarray(start, start + keys);
}

/** A vector that is added; null where the graph adds none, which comes as one 0. */
export const biasOfStage = ({ dims, data }: StageTensorData): Float32Array | null => (dims.length === 0 ? null : data);

/** Rows [first, first + most) round a token. */
export function windowRound(
  token: number,
  rows: number,
  most: number,
): { readonly first: number; readonly end: number } {
  const first = Math.max(0, Math.min(token - Math.floor(most / 2), rows - most));
  return { first, end: Math.min(rows, first + most) };
}
