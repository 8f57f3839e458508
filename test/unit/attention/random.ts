/** Reproducible numbers (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Rows of a softmax over the first `seen(row)` keys; the rest is 0. */
export function softmaxRows(
  next: () => number,
  rows: number,
  keys: number,
  seen: (row: number) => number,
): Float32Array {
  const data = new Float32Array(rows * keys);
  for (let row = 0; row < rows; row++) {
    const scores = Array.from({ length: seen(row) }, () => Math.exp(next() * 6));
    const total = scores.reduce((a, b) => a + b, 0);
    scores.forEach((score, key) => (data[row * keys + key] = score / total));
  }
  return data;
}
