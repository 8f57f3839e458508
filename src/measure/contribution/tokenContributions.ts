/**
 * Contributions (ALTI, Ferrando et al. 2022, arXiv 2203.04212; with cross-attention ALTI+, 2205.11631): how near each token's summand
 * brings an attention block's result, the stream's own part counted. The result y_i is a sum of summands T_i(x_j) and of what belongs to
 * no token (biases); a token's share is max(0, ‖y_i‖₁ − ‖y_i − T_i(x_j)‖₁), and a row's shares are divided by their sum.
 */

/** One attention's numbers, as the probe gives them (`onnx/probe/contributions.ts`); all row-major. */
export interface ContributionParts {
  readonly heads: number;
  readonly keys: number;
  /** Features of one head's value, and of the stream. */
  readonly size: number;
  readonly width: number;
  /** [heads][keys][size] */
  readonly values: Float32Array;
  /** [heads · size][width] */
  readonly matrix: Float32Array;
  /** [queries][width] */
  readonly residual: Float32Array;
  /** [queries]: what the heads' sum is multiplied by in each row; undefined where that is 1. */
  readonly scale: Float32Array | undefined;
  /** [queries][width]: what the attention adds, with its bias, before `scale`. */
  readonly added: Float32Array;
  /** [queries][width] */
  readonly result: Float32Array;
}

export interface Contributions {
  /** [queries][keys]. With `own` a row sums to 1. */
  readonly shares: Float32Array;
  /** [queries]: the share of the stream itself. In a self-attention it is among the shares, at the token's own place, and 0 here. */
  readonly own: Float32Array;
  /** How far what the heads give, in all rows, is from what is added but for one bias, relative to the largest number added. */
  readonly mismatch: number;
}

/** Multiplications that the contributions of an attention take, about. */
export const costOf = (
  queries: number,
  { heads, keys, size, width }: Pick<ContributionParts, 'heads' | 'keys' | 'size' | 'width'>,
): number => keys * heads * size * width + queries * keys * width * (heads + 2);

/**
 * @param weights a head's weights, [queries][keys] row-major
 * @param isSelf queries and keys are the same tokens: the stream's own part is then key i's in row i
 */
export function* contributionsInSteps(
  parts: ContributionParts,
  queries: number,
  weights: (head: number) => Float32Array,
  isSelf: boolean,
): Generator<undefined, Contributions, undefined> {
  const { heads, keys, width, scale, added, result } = parts;
  const moved = yield* movedValues(parts);
  const maps = Array.from({ length: heads }, (_, head) => weights(head));
  const shares = new Float32Array(queries * keys);
  const own = new Float32Array(queries);
  const summand = new Float32Array(width);
  const sum = new Float32Array(width);
  const first = new Float32Array(width);
  let mismatch = 0;
  let most = 0;
  for (let query = 0; query < queries; query++) {
    const at = query * width;
    const by = scale?.[query] ?? 1;
    let norm = 0;
    for (let i = 0; i < width; i++) norm += Math.abs(result[at + i] as number); // within the row, here and below
    const residual = parts.residual.subarray(at, at + width);
    let total = 0;
    sum.fill(0);
    for (let key = 0; key < keys; key++) {
      const isOwn = isSelf && key === query;
      if (!weighed(maps, moved, query, key, keys, summand) && !isOwn) continue;
      for (let i = 0; i < width; i++) sum[i] = (sum[i] as number) + (summand[i] as number);
      let rest = 0;
      for (let i = 0; i < width; i++) {
        const part = by * (summand[i] as number) + (isOwn ? (residual[i] as number) : 0);
        rest += Math.abs((result[at + i] as number) - part);
      }
      const share = Math.max(0, norm - rest);
      shares[query * keys + key] = share;
      total += share;
    }
    if (!isSelf) {
      let rest = 0;
      for (let i = 0; i < width; i++) rest += Math.abs((result[at + i] as number) - (residual[i] as number));
      own[query] = Math.max(0, norm - rest);
      total += own[query] as number;
    }
    if (total > 0) {
      for (let key = 0; key < keys; key++) shares[query * keys + key] = (shares[query * keys + key] as number) / total;
      own[query] = (own[query] as number) / total;
    }
    // What is added but not given by any head is a bias, the same in every row.
    for (let i = 0; i < width; i++) {
      const bias = (added[at + i] as number) - (sum[i] as number);
      most = Math.max(most, Math.abs(added[at + i] as number));
      if (query === 0) first[i] = bias;
      else mismatch = Math.max(mismatch, Math.abs(bias - (first[i] as number)));
    }
    yield undefined;
  }
  return { shares, own, mismatch: most > 0 ? mismatch / most : 0 };
}

/** v_j W_h of every head and key, [heads][keys][width]. */
function* movedValues({
  heads,
  keys,
  size,
  width,
  values,
  matrix,
}: ContributionParts): Generator<undefined, Float32Array, undefined> {
  const moved = new Float32Array(heads * keys * width);
  for (let head = 0; head < heads; head++) {
    for (let key = 0; key < keys; key++) {
      const to = moved.subarray((head * keys + key) * width, (head * keys + key + 1) * width);
      for (let i = 0; i < size; i++) {
        const value = values[(head * keys + key) * size + i] as number; // i < size
        const from = (head * size + i) * width;
        for (let out = 0; out < width; out++) to[out] = (to[out] as number) + value * (matrix[from + out] as number); // out < width
      }
    }
    yield undefined;
  }
  return moved;
}

/** Σ_h α_ij v_j W_h into `out`; false where every head's weight is 0. */
function weighed(
  maps: readonly Float32Array[],
  moved: Float32Array,
  query: number,
  key: number,
  keys: number,
  out: Float32Array,
): boolean {
  let any = false;
  out.fill(0);
  for (const [head, map] of maps.entries()) {
    const weight = map[query * keys + key] ?? 0;
    if (weight === 0) continue;
    any = true;
    const from = (head * keys + key) * out.length;
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + weight * (moved[from + i] as number); // i < length
  }
  return any;
}
