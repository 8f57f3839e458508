/**
 * Weights between words from weights between tokens (Clark et al. 2019, section 5): to a word the sum over its tokens
 * as keys, from a word the mean over its tokens as queries. Rows that sum to 1 still do.
 */

/** Consecutive tokens [from, to) that are shown as one. */
export interface TokenSpan {
  readonly from: number;
  readonly to: number;
}

/** Sums a row over the keys of each span. @param row [keys] @param out [spans], written */
export function sumKeys(row: Float32Array, spans: readonly TokenSpan[], out: Float32Array): void {
  for (const [at, { from, to }] of spans.entries()) {
    let sum = 0;
    for (let key = from; key < to && key < row.length; key++) sum += row[key] as number; // key < length
    out[at] = sum;
  }
}

/** Means of a column over the queries of each span, of those that there are. @param column [queries] @param out [spans], written */
export function meanOfSpans(column: Float32Array, spans: readonly TokenSpan[], out: Float32Array): void {
  for (const [at, { from, to }] of spans.entries()) {
    const end = Math.min(to, column.length);
    let sum = 0;
    for (let query = from; query < end; query++) sum += column[query] as number; // query < length
    out[at] = end > from ? sum / (end - from) : 0;
  }
}

/**
 * @param data one head's weights [queries][keys], row-major
 * @param keys keys in a row
 * @returns [query spans][key spans], row-major; a span of queries beyond the rows is left 0
 */
export function groupMatrix(
  data: Float32Array,
  keys: number,
  querySpans: readonly TokenSpan[],
  keySpans: readonly TokenSpan[],
): Float32Array {
  const out = new Float32Array(querySpans.length * keySpans.length);
  const queries = keys === 0 ? 0 : data.length / keys;
  const sums = new Float32Array(keySpans.length);
  for (const [at, span] of querySpans.entries()) {
    const to = Math.min(span.to, queries);
    const row = out.subarray(at * keySpans.length, (at + 1) * keySpans.length);
    for (let query = span.from; query < to; query++) {
      sumKeys(data.subarray(query * keys, (query + 1) * keys), keySpans, sums);
      for (const [key, sum] of sums.entries()) row[key] = (row[key] as number) + sum / (to - span.from); // as long
    }
  }
  return out;
}
