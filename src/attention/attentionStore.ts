/**
 * All attention weights of one explanation. They come as blocks of consecutive query rows (a whole pass, or one decoder
 * step) and are kept as they came, without a copy; what is shown is cut out of them by the kernels of `KeptBlock`.
 */
import { ExplainError } from '../errors';
import { KeptBlock, weightByte, type Bins, type RowBlock } from './rowBlock';
import { ComputedBlock, type KeptQueries } from './computedBlock';
import { LayerKeys } from './layerKeys';
import type { AtlasOptions, AttentionNumbers, KindWeights } from './attentionNumbers';
import { atOnce, type Steps } from './inSteps';
import type { Atlas, AttentionKind, HeadMatrix, HeadRef, KindInfo, SequenceName, TokenWeights } from './types';
import { say } from '../text/say';

/** One layer's weights of some consecutive queries: [head][query][key], row-major. */
export interface WeightRows {
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly data: Float32Array;
  /** Where the weights are not to be kept: what they are computed from, with the layer's keys (`takeKeys`). */
  readonly kept?: {
    /** [head][query][size] */
    readonly queries: Float32Array;
    readonly size: number;
    /** What q·k is multiplied by. */
    readonly scale: number;
  };
}

/** The weights of one explanation, [head][query][key] of every layer of each kind of attention. */
export class AttentionStore implements AttentionNumbers {
  readonly #kinds: readonly KindInfo[];
  readonly #firstIsSink: boolean;
  /** [layer] → blocks in the order of their queries. */
  readonly #blocks: ReadonlyMap<AttentionKind, RowBlock[][]>;
  /** Keys of masked self-attention by layer, where queries are kept in place of weights. */
  readonly #keys = new Map<number, LayerKeys>();
  #difference = 0;
  /** 1 where a token of the sequence is special; grown as tokens come. */
  readonly #special: Record<SequenceName, Uint8Array>;

  /**
   * @param kinds what the model has
   * @param firstIsSink count the first token as an attention sink too (decoder-only models, arXiv 2309.17453)
   */
  constructor(kinds: readonly KindInfo[], firstIsSink: boolean) {
    this.#kinds = kinds;
    this.#firstIsSink = firstIsSink;
    this.#blocks = new Map(kinds.map((info) => [info.kind, Array.from({ length: info.layers }, () => [])]));
    this.#special = { source: new Uint8Array(0), target: new Uint8Array(0) };
  }

  /** Says which tokens of a sequence are special. Call it again when the sequence has grown. */
  setSpecial(sequence: SequenceName, special: readonly boolean[]): void {
    this.#special[sequence] = Uint8Array.from(special, Number);
  }

  /** Query rows held of a kind (of every layer: those of the layer that has fewest). */
  rows(kind: AttentionKind): number {
    const layers = this.#blocks.get(kind) ?? [];
    return layers.reduce((least, blocks) => Math.min(least, rowsOf(blocks)), layers.length === 0 ? 0 : Infinity);
  }

  /** Keys of a kind. A masked self-attention has as many as queries, whatever the pass was that they came from. */
  keys(kind: AttentionKind): number {
    if (this.#info(kind).keys === 'target') return this.rows(kind);
    const blocks = this.#blocks.get(kind)?.[0] ?? [];
    return blocks[blocks.length - 1]?.keys ?? 0;
  }

  /** Bytes of weights held. */
  get bytes(): number {
    let bytes = 0;
    for (const layers of this.#blocks.values())
      for (const blocks of layers) for (const block of blocks) bytes += block.byteLength;
    for (const keys of this.#keys.values()) bytes += keys.byteLength;
    return bytes;
  }

  /**
   * Takes a layer's rows, the first of which is query `from`; rows that are held already are left out.
   * @throws ExplainError COUNT_MISMATCH where layer or heads are not those of the model
   */
  append(weights: WeightRows, from: number): void {
    const info = this.#info(weights.kind);
    const blocks = this.#blocks.get(weights.kind)?.[weights.layer];
    if (!blocks || weights.heads !== info.heads) {
      throw new ExplainError(
        'COUNT_MISMATCH',
        say('attention.otherHeads', {
          layer: weights.layer,
          kind: weights.kind,
          heads: weights.heads,
          layers: info.layers,
          wanted: info.heads,
        }),
      );
    }
    const held = rowsOf(blocks);
    const skip = held - from;
    if (skip >= weights.queries) return;
    if (skip < 0) throw new ExplainError('INTERNAL', say('attention.outOfOrder'));
    const { data, heads, queries, keys } = weights;
    if (weights.kept) {
      const kept: KeptQueries = { ...weights.kept, keys: this.#keysOf(weights.layer, weights.kept) };
      blocks.push(
        skip === 0
          ? ComputedBlock.of(data, kept, heads, queries, keys, held)
          : ComputedBlock.tail(data, kept, heads, queries, keys, skip, held),
      );
      return;
    }
    blocks.push(
      skip === 0
        ? new KeptBlock(data, heads, queries, keys, held)
        : KeptBlock.tail(data, heads, queries, keys, skip, held),
    );
  }

  /**
   * Takes the keys of a layer whose rows were kept as queries, of the tokens from `from` on; see `LayerKeys.take`.
   * One row of each pass since the last time is computed from them and held against the model's own; see `difference`.
   * @throws ExplainError INTERNAL where no queries of the layer are kept
   */
  takeKeys(layer: number, data: Float32Array, from: number, tokens: number): void {
    const keys = this.#keys.get(layer);
    if (!keys) throw new ExplainError('INTERNAL', say('attention.outOfOrder'));
    keys.take(data, from, tokens);
    for (const block of this.#blocks.get('decoder')?.[layer] ?? [])
      if (block instanceof ComputedBlock) this.#difference = Math.max(this.#difference, block.checked());
  }

  /** The largest difference between weights computed anew and those that the model gave. 0 where the weights themselves are kept. */
  get difference(): number {
    return this.#difference;
  }

  #keysOf(layer: number, { size }: NonNullable<WeightRows['kept']>): LayerKeys {
    const keys = this.#keys.get(layer) ?? new LayerKeys(size);
    this.#keys.set(layer, keys);
    return keys;
  }

  /** Drops the rows from query `row` on (of `decoder` and `cross`: of what the target sequence asks). */
  truncate(row: number): void {
    for (const keys of this.#keys.values()) keys.truncate(row);
    for (const info of this.#kinds) {
      if (info.queries !== 'target') continue;
      for (const blocks of this.#blocks.get(info.kind) ?? []) {
        for (
          let last = blocks[blocks.length - 1];
          last && last.first + last.rows > row;
          last = blocks[blocks.length - 1]
        ) {
          blocks.pop();
          if (last.first < row) blocks.push(last.head(row - last.first));
        }
      }
    }
  }

  /**
   * The same weights without those of later tokens, over the same memory: what was asked about the first so many tokens
   * is answered about them, however many have been written since.
   */
  upTo(lengths: Readonly<Record<SequenceName, number>>): AttentionStore {
    const isAll = this.#kinds.every(({ kind, queries }) => this.rows(kind) <= lengths[queries]);
    if (isAll) return this;
    const cut = new AttentionStore(this.#kinds, this.#firstIsSink);
    for (const sequence of ['source', 'target'] as const)
      cut.#special[sequence] = this.#special[sequence].subarray(0, lengths[sequence]);
    for (const { kind, queries } of this.#kinds) {
      const limit = lengths[queries];
      for (const [layer, blocks] of (this.#blocks.get(kind) ?? []).entries())
        for (const block of blocks) {
          if (block.first >= limit) continue;
          const isWhole = block.first + block.rows <= limit;
          cut.#blocks.get(kind)?.[layer]?.push(isWhole ? block : block.head(limit - block.first));
        }
    }
    return cut;
  }

  /** True where the first token counts as a sink too. */
  get firstIsSink(): boolean {
    return this.#firstIsSink;
  }

  /** What the model has of a kind. @throws ExplainError INVALID_REQUEST where it has none */
  info(kind: AttentionKind): KindInfo {
    return this.#info(kind);
  }

  /** One kind's weights, exact, a head at a time. @throws ExplainError INVALID_REQUEST where the model has no such head */
  kind(kind: AttentionKind): KindWeights {
    const { layers, heads } = this.#info(kind);
    const queries = this.rows(kind);
    const keys = this.keys(kind);
    // Rows may come and go while somebody walks over the heads; a block does not change.
    const held = (this.#blocks.get(kind) ?? []).map((blocks) => [...blocks]);
    return {
      layers,
      heads,
      queries,
      keys,
      headRows: (layer, head) => {
        const blocks = held[layer];
        if (!blocks || head < 0 || head >= heads)
          throw new ExplainError('INVALID_REQUEST', say('attention.noSuchHead'));
        const data = new Float32Array(queries * keys);
        for (const block of blocks) block.copyRows(head, data, keys);
        return data;
      },
    };
  }

  /** Undefined for every kind: the numbers of this store are weights, not another measure. */
  fit(): undefined {
    return undefined;
  }

  /** One head as bytes, round(255·w); keys that a row did not see are 0. */
  head(ref: HeadRef): HeadMatrix {
    const { heads } = this.#info(ref.kind);
    const blocks = this.#blocks.get(ref.kind)?.[ref.layer];
    if (!blocks || ref.head < 0 || ref.head >= heads)
      throw new ExplainError('INVALID_REQUEST', say('attention.noSuchHead'));
    const queries = this.rows(ref.kind);
    const keys = this.keys(ref.kind);
    const data = new Uint8Array(queries * keys);
    for (const block of blocks) block.toBytes(ref.head, data, keys);
    return { kind: ref.kind, layer: ref.layer, head: ref.head, queries, keys, data };
  }

  /**
   * What the given tokens of a sequence look at (role query: the mean of their rows) and who looks at them (role key:
   * the sum of their columns), in every layer and head of every kind. Roles without a row or a column are left out.
   */
  tokenWeights(sequence: SequenceName, indices: readonly number[]): readonly TokenWeights[] {
    const out: TokenWeights[] = [];
    for (const info of this.#kinds) {
      const queries = this.rows(info.kind);
      const keys = this.keys(info.kind);
      if (info.queries === sequence) {
        const rows = indices.filter((index) => index >= 0 && index < queries);
        if (rows.length > 0) out.push({ ...shape(info, 'query', keys), data: this.#meanRows(info, rows, keys) });
      }
      if (info.keys === sequence) {
        const columns = indices.filter((index) => index >= 0 && index < keys);
        if (columns.length > 0)
          out.push({ ...shape(info, 'key', queries), data: this.#sumColumns(info, columns, queries) });
      }
    }
    return out;
  }

  /**
   * Every head of a kind pooled to at most `maxCell` × `maxCell` bins, with each head's sink mass and entropy. Sink mass
   * and entropy are of the whole rows whether special tokens are hidden or not.
   */
  atlas(options: AtlasOptions): Atlas {
    return atOnce(this.atlasInSteps(options));
  }

  /** As `atlas`, with a pause after each layer, since a thousand tokens take more than a second; over the rows held when it begins. */
  *atlasInSteps(options: AtlasOptions): Steps<Atlas> {
    const { layers, heads } = this.#info(options.kind);
    const bins = this.bins(options);
    const { rows, cols, queries } = bins;
    const data = new Uint8Array(layers * heads * rows * cols);
    const pooled = new Float32Array(heads * rows * cols);
    const sinkMass = new Float32Array(layers * heads);
    const entropy = new Float32Array(layers * heads);
    const sinks = this.sinks(options.kind);
    // Rows may come and go in a pause; a block does not change.
    const held = (this.#blocks.get(options.kind) ?? []).map((blocks) => [...blocks]);
    for (const [layer, blocks] of held.entries()) {
      pooled.fill(0);
      for (const block of blocks) {
        block.poolMax(pooled, bins);
        const stats = block.stats(sinks);
        for (let head = 0; head < heads; head++) {
          const at = layer * heads + head;
          sinkMass[at] = (sinkMass[at] ?? 0) + (stats.sink[head] ?? 0) / queries;
          entropy[at] = (entropy[at] ?? 0) + (stats.entropy[head] ?? 0) / queries;
        }
      }
      const offset = layer * heads * rows * cols;
      for (let i = 0; i < pooled.length; i++) data[offset + i] = weightByte(pooled[i] as number); // i < length
      yield undefined;
    }
    return { kind: options.kind, layers, heads, rows, cols, data, sinkMass, entropy };
  }

  #info(kind: AttentionKind): KindInfo {
    const info = this.#kinds.find((candidate) => candidate.kind === kind);
    if (!info) throw new ExplainError('INVALID_REQUEST', say('attention.noSuchKind', { kind }));
    return info;
  }

  #hidden(hide: boolean, sequence: SequenceName, length: number): Uint8Array | undefined {
    if (!hide) return undefined;
    const hidden = this.#special[sequence].slice(0, length);
    if (this.#firstIsSink && sequence === 'target' && length > 0) hidden[0] = 1;
    return hidden.includes(1) ? hidden : undefined;
  }

  /** How a kind's maps are divided for the overview, and what of them is left out. */
  bins({ kind, maxCell, hideSpecial }: AtlasOptions): Bins {
    const info = this.#info(kind);
    const queries = this.rows(kind);
    const keys = this.keys(kind);
    return {
      rows: Math.min(Math.max(1, maxCell), queries),
      cols: Math.min(Math.max(1, maxCell), keys),
      queries,
      keys,
      skipRow: this.#hidden(hideSpecial, info.queries, queries),
      skipKey: this.#hidden(hideSpecial, info.keys, keys),
    };
  }

  /** Keys that count as sinks, ascending: special tokens, and the first one where the model has its sink there. */
  sinks(kind: AttentionKind): readonly number[] {
    const special = this.#special[this.#info(kind).keys];
    const sinks: number[] = [];
    for (let key = 0; key < special.length; key++)
      if (special[key] === 1 || (key === 0 && this.#firstIsSink)) sinks.push(key);
    return sinks;
  }

  #meanRows(info: KindInfo, rows: readonly number[], keys: number): Float32Array {
    const out = new Float32Array(info.layers * info.heads * keys);
    this.#blocks.get(info.kind)?.forEach((blocks, layer) => {
      const target = out.subarray(layer * info.heads * keys, (layer + 1) * info.heads * keys);
      for (const row of rows) blockOf(blocks, row)?.addRow(row, target, keys, 1 / rows.length);
    });
    return out;
  }

  #sumColumns(info: KindInfo, columns: readonly number[], queries: number): Float32Array {
    const out = new Float32Array(info.layers * info.heads * queries);
    this.#blocks.get(info.kind)?.forEach((blocks, layer) => {
      const target = out.subarray(layer * info.heads * queries, (layer + 1) * info.heads * queries);
      for (const block of blocks) for (const column of columns) block.addColumn(column, target, queries);
    });
    return out;
  }
}

function shape(info: KindInfo, role: TokenWeights['role'], length: number): Omit<TokenWeights, 'data'> {
  return { kind: info.kind, role, layers: info.layers, heads: info.heads, length };
}

function rowsOf(blocks: readonly RowBlock[]): number {
  const last = blocks[blocks.length - 1];
  return last ? last.first + last.rows : 0;
}

/** The block that holds a query, by bisection: a long generation has one a step. */
function blockOf(blocks: readonly RowBlock[], row: number): RowBlock | undefined {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const block = blocks[middle] as RowBlock; // low <= middle < high <= length
    if (row < block.first) high = middle;
    else if (row >= block.first + block.rows) low = middle + 1;
    else return block;
  }
  return undefined;
}
