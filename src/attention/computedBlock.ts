/**
 * Rows of masked self-attention whose weights are not kept, since that would take 4 bytes for every pair of tokens in every head. The
 * queries are kept in their place, and the keys of the layer (`LayerKeys`): a weight is softmax(scale · q·k) over the keys up to the
 * row's own token. The model's trial has shown that this is what the model computes (`engine/trial/keptScales.ts`). Two things need
 * all weights at once, and are computed when the block is made, while the weights exist: the entropy of each row, and the largest
 * weight of each tile for the overview.
 */
import { rowsFrom, weightByte, type Bins, type BlockStats, type RowBlock } from './rowBlock';
import { dot } from './dot';
import type { LayerKeys } from './layerKeys';
import { entropyOf } from './log2';

/** What is kept of some rows in place of their weights. */
export interface KeptQueries {
  /** [head][row][size] */
  readonly queries: Float32Array;
  /** Their keys, which may be taken in after the block is made and before anything is asked of it. */
  readonly keys: LayerKeys;
  /** What q·k is multiplied by. */
  readonly scale: number;
}

/** Sides of a tile in tokens. */
const TILE = 8;
/**
 * The borders of the overview's bins may go through tiles. In texts of up to this many tokens the weights of such a tile are computed
 * anew. In longer ones that would take minutes: there the border is moved to where the tile begins, by less than a quarter of a bin.
 */
const EXACT_TOKENS = 1024;
const tilesOf = (tokens: number): number => Math.ceil(tokens / TILE);

/** What was taken from the weights while they were there. */
interface Taken {
  /** In bits, [head][row]. */
  readonly entropy: Float32Array;
  /** The key of each row's largest weight, and that weight: with them the sum of a row's exponentials is known. */
  readonly anchor: Uint32Array;
  readonly anchorWeight: Float32Array;
  /** round(255 · the largest weight), [head][tile row][tile column]. */
  readonly tiles: Uint8Array;
}

/** @param first the query that the first row is: a row sees no key beyond its own */
function takenFrom(data: Float32Array, heads: number, rows: number, keys: number, first: number): Taken {
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const entropy = new Float32Array(heads * rows);
  const anchor = new Uint32Array(heads * rows);
  const anchorWeight = new Float32Array(heads * rows);
  const columns = tilesOf(keys);
  const most = new Float32Array(heads * tilesOf(rows) * columns);
  for (let at = 0; at < heads * rows; at++) {
    const row = at % rows;
    const from = at * keys;
    const seen = from + Math.min(keys, first + row + 1);
    entropy[at] = entropyOf(data, bits, from, seen);
    let tile = (Math.floor(at / rows) * tilesOf(rows) + Math.floor(row / TILE)) * columns;
    let [best, bestFrom] = [0, from];
    for (let key = from; key < seen; tile++) {
      const begin = key;
      let top = 0;
      for (const end = Math.min(seen, key + TILE); key < end; key++) top = Math.max(top, data[key] as number); // key < seen
      if (top > (most[tile] as number)) most[tile] = top; // a tile's
      if (top > best) [best, bestFrom] = [top, begin];
    }
    while (bestFrom < seen - 1 && data[bestFrom] !== best) bestFrom++;
    anchor[at] = bestFrom - from;
    anchorWeight[at] = data[bestFrom] as number; // a key's
  }
  return { entropy, anchor, anchorWeight, tiles: Uint8Array.from(most, weightByte) };
}

/** One row as the model gave it; the same row computed anew is compared with it. */
interface Witness {
  readonly head: number;
  readonly row: number;
  readonly weights: Float32Array;
}

/** A row block whose weights are computed anew from queries and keys each time they are asked for. */
export class ComputedBlock implements RowBlock {
  #witness: Witness | undefined;
  readonly heads: number;
  readonly keys: number;
  readonly first: number;
  readonly rows: number;
  readonly #kept: KeptQueries;
  readonly #taken: Taken;
  /** Rows a head of what is kept: more than `rows` where the last ones were dropped. */
  readonly #stride: number;

  private constructor(
    kept: KeptQueries,
    taken: Taken,
    heads: number,
    stride: number,
    keys: number,
    first: number,
    rows: number,
  ) {
    this.#kept = kept;
    this.#taken = taken;
    this.heads = heads;
    this.keys = keys;
    this.first = first;
    this.rows = rows;
    this.#stride = stride;
  }

  /**
   * @param data the rows' weights, [head][row][key]; not kept
   * @param first the query that the first row is
   */
  static of(
    data: Float32Array,
    kept: KeptQueries,
    heads: number,
    rows: number,
    keys: number,
    first: number,
  ): ComputedBlock {
    const block = new ComputedBlock(kept, takenFrom(data, heads, rows, keys, first), heads, rows, keys, first, rows);
    // Each block checks another head, so that a long text checks all of them.
    const head = Math.floor(first / rows) % heads;
    const from = (head * rows + rows - 1) * keys;
    block.#witness = { head, row: rows - 1, weights: data.slice(from, from + keys) };
    return block;
  }

  /**
   * The largest difference between one row computed anew and the same row as the model gave it. The model's row is forgotten then, so
   * that a second call gives 0.
   */
  checked(): number {
    const witness = this.#witness;
    this.#witness = undefined;
    if (!witness) return 0;
    const own = new Float32Array(this.keys);
    this.#weights(witness.head, witness.row, own);
    return own.reduce((most, weight, key) => Math.max(most, Math.abs(weight - (witness.weights[key] ?? Infinity))), 0);
  }

  /** The rows from `row` on; see `of`. */
  static tail(
    data: Float32Array,
    kept: KeptQueries,
    heads: number,
    rows: number,
    keys: number,
    row: number,
    first: number,
  ): ComputedBlock {
    const queries = rowsFrom(kept.queries, heads, rows, kept.keys.size, row);
    return ComputedBlock.of(
      rowsFrom(data, heads, rows, keys, row),
      { ...kept, queries },
      heads,
      rows - row,
      keys,
      first,
    );
  }

  get byteLength(): number {
    const { entropy, anchor, anchorWeight, tiles } = this.#taken;
    return (
      this.#kept.queries.byteLength +
      entropy.byteLength +
      anchor.byteLength +
      anchorWeight.byteLength +
      tiles.byteLength
    );
  }

  head(rows: number): ComputedBlock {
    return new ComputedBlock(this.#kept, this.#taken, this.heads, this.#stride, this.keys, this.first, rows);
  }

  toBytes(head: number, out: Uint8Array, width: number): void {
    const weights = new Float32Array(this.keys);
    for (let row = 0; row < this.rows; row++) {
      const seen = Math.min(this.#weights(head, row, weights), width);
      const to = (this.first + row) * width;
      for (let key = 0; key < seen; key++) out[to + key] = weightByte(weights[key] as number); // key < keys
    }
  }

  copyRows(head: number, out: Float32Array, width: number): void {
    const weights = new Float32Array(this.keys);
    for (let row = 0; row < this.rows; row++) {
      const seen = Math.min(this.#weights(head, row, weights), width);
      out.set(weights.subarray(0, seen), (this.first + row) * width);
    }
  }

  addRow(row: number, out: Float32Array, width: number, scale: number): void {
    const weights = new Float32Array(this.keys);
    for (let head = 0; head < this.heads; head++) {
      const seen = Math.min(this.#weights(head, row - this.first, weights), width);
      const to = head * width;
      for (let key = 0; key < seen; key++) out[to + key] = (out[to + key] as number) + scale * (weights[key] as number); // key < keys
    }
  }

  addColumn(key: number, out: Float32Array, height: number): void {
    for (let head = 0; head < this.heads; head++) {
      const to = head * height + this.first;
      for (let row = Math.max(0, key - this.first); row < this.rows; row++)
        out[to + row] = (out[to + row] as number) + this.#weight(head, row, key); // row < rows
    }
  }

  poolMax(out: Float32Array, bins: Bins): void {
    const { heads, rows, first } = this;
    const columns = tilesOf(this.keys);
    const stride = tilesOf(this.#stride);
    const rowBin = (row: number): number => Math.floor(((first + row) * bins.rows) / bins.queries);
    const keyBin = (key: number): number => Math.floor((key * bins.cols) / bins.keys);
    const isExact = bins.queries <= EXACT_TOKENS;
    for (let tile = 0; tile * TILE < rows; tile++) {
      const from = tile * TILE;
      const to = Math.min(rows, from + TILE);
      for (let column = 0; column < columns && column * TILE < bins.keys; column++) {
        const key = column * TILE;
        const end = Math.min(bins.keys, key + TILE);
        const isInOne = rowBin(from) === rowBin(to - 1) && keyBin(key) === keyBin(end - 1);
        const isTaken = this.#isWhole(tile, to, column, bins) && (isInOne || !isExact);
        const at = rowBin(from) * bins.cols + keyBin(key);
        for (let head = 0; head < heads; head++) {
          const most = out.subarray(head * bins.rows * bins.cols, (head + 1) * bins.rows * bins.cols);
          if (!isTaken) this.#raise(most, head, from, to, key, end, bins, isExact ? undefined : at);
          else
            most[at] = Math.max(
              most[at] as number,
              (this.#taken.tiles[(head * stride + tile) * columns + column] as number) / 255,
            ); // a bin, a tile
        }
      }
    }
  }

  stats(sinks: readonly number[]): BlockStats {
    const { heads, rows } = this;
    const entropy = new Float64Array(heads);
    const sink = new Float64Array(heads);
    for (let head = 0; head < heads; head++)
      for (let row = 0; row < rows; row++) {
        entropy[head] = (entropy[head] as number) + (this.#taken.entropy[head * this.#stride + row] as number); // row < stride
        for (const key of sinks) {
          if (key > this.first + row) break;
          sink[head] = (sink[head] as number) + this.#weight(head, row, key);
        }
      }
    return { sink, entropy };
  }

  /** True where all of a tile is shown, so that its largest weight is the one that was kept. */
  #isWhole(tile: number, to: number, column: number, { skipRow, skipKey }: Bins): boolean {
    // Rows that were dropped since are not to be seen either.
    if (to < Math.min(this.#stride, (tile + 1) * TILE)) return false;
    for (let row = tile * TILE; row < to; row++) if (skipRow?.[this.first + row] === 1) return false;
    for (let key = column * TILE; key < (column + 1) * TILE; key++) if (skipKey?.[key] === 1) return false;
    return true;
  }

  /**
   * Raises a head's bins to the weights of some rows and keys, without those that are left out.
   * @param bin the bin that all of them count for; each counts for its own where it is undefined
   */
  #raise(
    most: Float32Array,
    head: number,
    from: number,
    to: number,
    key: number,
    end: number,
    { rows, cols, queries, keys, skipRow, skipKey }: Bins,
    bin: number | undefined,
  ): void {
    for (let row = from; row < to; row++) {
      const query = this.first + row;
      if (skipRow?.[query] === 1) continue;
      const line = Math.floor((query * rows) / queries) * cols;
      for (let at = key; at < Math.min(end, query + 1); at++) {
        if (skipKey?.[at] === 1) continue;
        const place = bin ?? line + Math.floor((at * cols) / keys);
        most[place] = Math.max(most[place] as number, this.#weight(head, row, at)); // a bin
      }
    }
  }

  /** scale · q·k, in double precision. */
  #score(head: number, row: number, key: number): number {
    const { queries, keys, scale } = this.#kept;
    const { data, stride, size } = keys;
    const from = (head * this.#stride + row) * size;
    const to = (Math.floor((head * keys.heads) / this.heads) * stride + key) * size;
    return scale * dot(queries, from, data, to, size);
  }

  /** One weight, from the row's largest weight, which is kept: w = w_max · exp(score − score_max). */
  #weight(head: number, row: number, key: number): number {
    if (key > this.first + row) return 0;
    const at = head * this.#stride + row;
    const anchor = this.#score(head, row, this.#taken.anchor[at] as number); // row < stride
    return Math.exp(this.#score(head, row, key) - anchor) * (this.#taken.anchorWeight[at] as number);
  }

  /** Writes a row's weights. @returns how many keys it sees */
  #weights(head: number, row: number, out: Float32Array): number {
    const seen = Math.min(this.keys, this.first + row + 1);
    let most = -Infinity;
    for (let key = 0; key < seen; key++) {
      const score = this.#score(head, row, key);
      out[key] = score;
      if (score > most) most = score;
    }
    let total = 0;
    for (let key = 0; key < seen; key++) total += Math.exp((out[key] as number) - most); // key < seen
    for (let key = 0; key < seen; key++) out[key] = Math.exp((out[key] as number) - most) / total;
    return seen;
  }
}
