/**
 * Attention rollout (Abnar and Zuidema 2020, arXiv 2005.00928): how much of each input token arrives at each position
 * after some layers, if every head counts the same and the residual connection carries half. Layer by layer the product
 * of ½(A + I), A the mean over heads, rows normalised.
 */

/** ½(A + I), rows normalised: a row that lost mass (a sink that is cut away) counts in full. */
export function withResidual(attention: Float32Array, tokens: number, causal: boolean): Float32Array {
  const out = new Float32Array(tokens * tokens);
  for (let row = 0; row < tokens; row++) {
    const at = row * tokens;
    const end = causal ? row + 1 : tokens;
    let sum = 0;
    for (let key = 0; key < end; key++) sum += attention[at + key] as number; // within the row
    // Where a row is all zero, only the residual is left.
    const scale = sum > 0 ? 0.5 / sum : 0;
    for (let key = 0; key < end; key++) out[at + key] = (attention[at + key] as number) * scale; // within the row
    out[at + row] = (out[at + row] as number) + (sum > 0 ? 0.5 : 1); // row < tokens
  }
  return out;
}

/** left [rows][inner] · right [inner][cols]; of two lower triangles only the lower triangle. A pause after each row. */
export function* productInSteps(
  left: Float32Array,
  right: Float32Array,
  rows: number,
  inner: number,
  cols: number,
  triangular: boolean,
): Generator<undefined, Float32Array, undefined> {
  const out = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    const to = row * cols;
    const steps = triangular ? row + 1 : inner;
    for (let k = 0; k < steps; k++) {
      const weight = left[row * inner + k] as number; // k < inner
      if (weight === 0) continue;
      const from = k * cols;
      const end = triangular ? k + 1 : cols;
      for (let col = 0; col < end; col++)
        out[to + col] = (out[to + col] as number) + weight * (right[from + col] as number); // col < cols
    }
    yield undefined;
  }
  return out;
}
