/** Consecutive query rows of one layer, as the runtime gave them, and the kernels over them. Layout [head][query][key]. */
import { entropyOf } from './log2';

export interface Bins {
  readonly rows: number;
  readonly cols: number;
  /** The whole matrix that the bins divide. */
  readonly queries: number;
  readonly keys: number;
  /** 1 where a query or key is left out. */
  readonly skipRow: Uint8Array | undefined;
  readonly skipKey: Uint8Array | undefined;
}

export interface BlockStats {
  /** Sum over the rows of the weight given to the sinks, [head]. */
  readonly sink: Float64Array;
  /** Sum over the rows of their entropy in bits, [head]. */
  readonly entropy: Float64Array;
}

/**
 * A weight as a byte, once it is stored in an integer array: round(255·w), at most 255. The self-test lets rows of half precision
 * sum to a little more than 1, so that a weight may be 1.002.
 */
export const weightByte = (weight: number): number => Math.min(255, weight * 255 + 0.5);

/** Consecutive query rows of one layer, whether their weights are kept or computed anew from what is kept of them. */
export interface RowBlock {
  readonly heads: number;
  readonly keys: number;
  /** The query that its first row is. */
  readonly first: number;
  readonly rows: number;
  /** Bytes of what it keeps. */
  readonly byteLength: number;
  /** The first `rows` rows of it, over the same memory. */
  head(rows: number): RowBlock;
  /** Writes a head's rows as bytes into `out` [query][width]. */
  toBytes(head: number, out: Uint8Array, width: number): void;
  /** Copies a head's rows into `out` [query][width]. */
  copyRows(head: number, out: Float32Array, width: number): void;
  /** Adds scale · row of every head to `out` [head][width]. `row` counts from the whole matrix' start. */
  addRow(row: number, out: Float32Array, width: number, scale: number): void;
  /** Adds a key's column of every head to `out` [head][height]. */
  addColumn(key: number, out: Float32Array, height: number): void;
  /** Raises `out` [head][bin row][bin column] to the largest weight in each bin. */
  poolMax(out: Float32Array, bins: Bins): void;
  /** Sums over the rows. @param sinks keys that count as sinks, ascending */
  stats(sinks: readonly number[]): BlockStats;
}

/** Of [head][row][width] the rows from `row` on, copied. */
export function rowsFrom(data: Float32Array, heads: number, rows: number, width: number, row: number): Float32Array {
  const left = rows - row;
  const copy = new Float32Array(heads * left * width);
  for (let head = 0; head < heads; head++)
    copy.set(data.subarray((head * rows + row) * width, (head + 1) * rows * width), head * left * width);
  return copy;
}

/** A block whose weights are kept as the runtime gave them. */
export class KeptBlock implements RowBlock {
  readonly data: Float32Array;
  readonly heads: number;
  readonly keys: number;
  readonly first: number;
  readonly rows: number;
  /** Rows of `data` a head: more than `rows` where the last ones were dropped. */
  readonly #stride: number;
  #sinkCount = -1;
  #stats: BlockStats | undefined;

  constructor(data: Float32Array, heads: number, queries: number, keys: number, first: number, rows = queries) {
    this.data = data;
    this.heads = heads;
    this.keys = keys;
    this.first = first;
    this.rows = rows;
    this.#stride = queries;
  }

  get byteLength(): number {
    return this.data.byteLength;
  }

  head(rows: number): KeptBlock {
    return new KeptBlock(this.data, this.heads, this.#stride, this.keys, this.first, rows);
  }

  /** The rows from `row` on, copied: the rest of the memory can go. */
  static tail(data: Float32Array, heads: number, queries: number, keys: number, row: number, first: number): KeptBlock {
    return new KeptBlock(rowsFrom(data, heads, queries, keys, row), heads, queries - row, keys, first);
  }

  #offset(head: number, row: number): number {
    return (head * this.#stride + row) * this.keys;
  }

  toBytes(head: number, out: Uint8Array, width: number): void {
    const { data } = this;
    const keys = Math.min(this.keys, width);
    for (let row = 0; row < this.rows; row++) {
      const from = this.#offset(head, row);
      const to = (this.first + row) * width;
      for (let key = 0; key < keys; key++) out[to + key] = weightByte(data[from + key] as number); // within the row
    }
  }

  copyRows(head: number, out: Float32Array, width: number): void {
    const keys = Math.min(this.keys, width);
    for (let row = 0; row < this.rows; row++) {
      const from = this.#offset(head, row);
      out.set(this.data.subarray(from, from + keys), (this.first + row) * width);
    }
  }

  addRow(row: number, out: Float32Array, width: number, scale: number): void {
    const { data, heads } = this;
    const keys = Math.min(this.keys, width);
    for (let head = 0; head < heads; head++) {
      const from = this.#offset(head, row - this.first);
      const to = head * width;
      // Both are within their rows.
      for (let key = 0; key < keys; key++)
        out[to + key] = (out[to + key] as number) + scale * (data[from + key] as number);
    }
  }

  addColumn(key: number, out: Float32Array, height: number): void {
    if (key >= this.keys) return;
    const { data, keys, heads, rows, first } = this;
    for (let head = 0; head < heads; head++) {
      let from = this.#offset(head, 0) + key;
      const to = head * height + first;
      for (let row = 0; row < rows; row++, from += keys)
        out[to + row] = (out[to + row] as number) + (data[from] as number); // within the block
    }
  }

  poolMax(out: Float32Array, bins: Bins): void {
    const { data, heads, rows, first } = this;
    const keys = Math.min(this.keys, bins.keys);
    const skip = bins.skipKey;
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++) {
        const query = first + row;
        if (bins.skipRow?.[query] === 1) continue;
        const from = this.#offset(head, row);
        const bin = (head * bins.rows + Math.floor((query * bins.rows) / bins.queries)) * bins.cols;
        let key = 0;
        for (let col = 0; col < bins.cols && key < keys; col++) {
          // The first key of the next column: the least k with floor(k·cols/keys) > col.
          const end = Math.min(keys, Math.ceil(((col + 1) * bins.keys) / bins.cols));
          let most = out[bin + col] as number; // col < cols
          if (skip === undefined) {
            for (; key < end; key++) {
              const weight = data[from + key] as number; // key < keys
              if (weight > most) most = weight;
            }
          } else {
            for (; key < end; key++) {
              const weight = data[from + key] as number; // key < keys
              if (weight > most && skip[key] !== 1) most = weight;
            }
          }
          out[bin + col] = most;
        }
      }
    }
  }

  /** The sums are kept, since rows do not change. */
  stats(sinks: readonly number[]): BlockStats {
    let reach = 0;
    while (reach < sinks.length && (sinks[reach] ?? Infinity) < this.keys) reach++;
    if (this.#stats && this.#sinkCount === reach) return this.#stats;
    const { data, keys, heads, rows } = this;
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    const entropy = this.#stats?.entropy ?? new Float64Array(heads);
    const sink = new Float64Array(heads);
    for (let head = 0; head < heads; head++) {
      let mass = 0;
      let total = 0;
      for (let row = 0; row < rows; row++) {
        const from = this.#offset(head, row);
        for (let i = 0; i < reach; i++) mass += data[from + (sinks[i] as number)] as number; // sinks[i] < keys
        if (!this.#stats) total += entropyOf(data, bits, from, from + keys);
      }
      sink[head] = mass;
      if (!this.#stats) entropy[head] = total;
    }
    this.#stats = { sink, entropy };
    this.#sinkCount = reach;
    return this.#stats;
  }
}
