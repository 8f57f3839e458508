/**
 * The numbers of a measure that was made from the weights, with the same methods as the store of weights, so that views need not know
 * which of the two they ask. A kind that the measure could not be made for gives its weights, and says so: its `fit` is undefined.
 */
import { KeptBlock, weightByte } from './rowBlock';
import type { AtlasOptions, AttentionNumbers, KindWeights } from './attentionNumbers';
import type { AttentionStore } from './attentionStore';
import type {
  Atlas,
  AttentionKind,
  HeadMatrix,
  HeadRef,
  KindInfo,
  MeasureFit,
  SequenceName,
  TokenWeights,
} from './types';

/** The weights times a number for each layer, head and key: what moves with the key's value, whoever looks at it. */
export interface ScaledKind {
  readonly how: 'scaled';
  readonly fit: MeasureFit;
  /** [layer] → [heads][keys]; as many keys as the pass had, which may be more than were looked at. */
  readonly factors: readonly Float32Array[];
  /** Keys in each of them. */
  readonly keys: number;
}

/** Numbers of their own, one map a layer. */
export interface LayeredKind {
  readonly how: 'layered';
  readonly fit: MeasureFit;
  /** Has one head in each layer of this kind, and no other kinds. */
  readonly store: AttentionStore;
}

export type MeasuredKind = ScaledKind | LayeredKind;
export type MeasuredKinds = ReadonlyMap<AttentionKind, MeasuredKind>;

/** The numbers of a measure in place of weights; every method answers as the store of weights does. */
export class MeasuredStore implements AttentionNumbers {
  readonly #weights: AttentionStore;
  readonly #kinds: MeasuredKinds;

  constructor(weights: AttentionStore, kinds: MeasuredKinds) {
    this.#weights = weights;
    this.#kinds = kinds;
  }

  info(kind: AttentionKind): KindInfo {
    const info = this.#weights.info(kind);
    return this.#kinds.get(kind)?.how === 'layered' ? { ...info, heads: 1, kvHeads: 1 } : info;
  }

  fit(kind: AttentionKind): MeasureFit | undefined {
    return this.#kinds.get(kind)?.fit;
  }

  kind(kind: AttentionKind): KindWeights {
    const measured = this.#kinds.get(kind);
    if (measured?.how === 'layered') return measured.store.kind(kind);
    const own = this.#weights.kind(kind);
    if (!measured) return own;
    return {
      ...own,
      headRows(layer, head) {
        const rows = own.headRows(layer, head);
        const factors = factorsOf(measured, layer, head);
        for (let at = 0; at < rows.length; at += own.keys)
          for (let key = 0; key < own.keys; key++) rows[at + key] = (rows[at + key] as number) * (factors[key] ?? 0); // key < keys
        return rows;
      },
    };
  }

  get firstIsSink(): boolean {
    return this.#weights.firstIsSink;
  }

  head(ref: HeadRef): HeadMatrix {
    const { kind, layer, head } = ref;
    const own = this.kind(kind);
    const most = this.fit(kind)?.most ?? 1;
    const rows = own.headRows(layer, Math.min(head, own.heads - 1));
    const { queries, keys } = own;
    return { kind, layer, head, queries, keys, data: Uint8Array.from(rows, (value) => weightByte(value / most)) };
  }

  tokenWeights(sequence: SequenceName, indices: readonly number[]): readonly TokenWeights[] {
    return this.#weights.tokenWeights(sequence, indices).map((entry) => {
      const measured = this.#kinds.get(entry.kind);
      switch (measured?.how) {
        case undefined:
          return entry;
        case 'scaled': {
          const data =
            entry.role === 'query'
              ? scaledRow(entry, measured)
              : this.#scaledColumns(entry, measured, sequence, indices);
          return { ...entry, data, fit: measured.fit };
        }
        case 'layered': {
          const own = measured.store.tokenWeights(sequence, indices).find(({ role }) => role === entry.role);
          return { ...(own ?? entry), fit: measured.fit };
        }
      }
    });
  }

  /** As the weights' own; where rows have no fixed sum, sink mass and entropy are of the rows divided by theirs. */
  *atlasInSteps(options: AtlasOptions): Generator<undefined, Atlas, undefined> {
    const { kind } = options;
    const measured = this.#kinds.get(kind);
    if (!measured) return yield* this.#weights.atlasInSteps(options);
    const { fit } = measured;
    const own = this.kind(kind);
    const { layers, heads, queries, keys } = own;
    const bins = this.#weights.bins(options);
    const sinks = this.#weights.sinks(kind);
    const size = bins.rows * bins.cols;
    const data = new Uint8Array(layers * heads * size);
    const sinkMass = new Float32Array(layers * heads);
    const entropy = new Float32Array(layers * heads);
    for (let at = 0; at < layers * heads; at++) {
      const rows = own.headRows(Math.floor(at / heads), at % heads);
      const pooled = new Float32Array(size);
      new KeptBlock(rows, 1, queries, keys, 0).poolMax(pooled, bins);
      for (let i = 0; i < size; i++) data[at * size + i] = weightByte((pooled[i] as number) / fit.most); // i < size
      const shares = measured.how === 'scaled' ? dividedBySums(rows, keys) : rows;
      const stats = new KeptBlock(shares, 1, queries, keys, 0).stats(sinks);
      sinkMass[at] = (stats.sink[0] ?? 0) / Math.max(1, queries);
      entropy[at] = (stats.entropy[0] ?? 0) / Math.max(1, queries);
      yield undefined;
    }
    return { kind, layers, heads, rows: bins.rows, cols: bins.cols, data, sinkMass, entropy, fit };
  }

  upTo(lengths: Readonly<Record<SequenceName, number>>): MeasuredStore {
    const kinds = [...this.#kinds].map(([kind, one]): [AttentionKind, MeasuredKind] => [
      kind,
      one.how === 'layered' ? { ...one, store: one.store.upTo(lengths) } : one,
    ]);
    return new MeasuredStore(this.#weights.upTo(lengths), new Map(kinds));
  }

  /** The columns of several keys added up, each with its own factor. */
  #scaledColumns(
    { kind, role, layers, heads, length }: TokenWeights,
    measured: ScaledKind,
    sequence: SequenceName,
    indices: readonly number[],
  ): Float32Array {
    const out = new Float32Array(layers * heads * length);
    for (const index of indices) {
      const column = this.#weights
        .tokenWeights(sequence, [index])
        .find((one) => one.kind === kind && one.role === role);
      if (!column) continue;
      for (let head = 0; head < layers * heads; head++) {
        const factor = factorsOf(measured, Math.floor(head / heads), head % heads)[index] ?? 0;
        const from = head * length;
        for (let i = from; i < from + length; i++) out[i] = (out[i] as number) + factor * (column.data[i] as number); // of one length
      }
    }
    return out;
  }
}

/** [keys] */
function factorsOf({ factors, keys }: ScaledKind, layer: number, head: number): Float32Array {
  return (factors[layer] ?? new Float32Array()).subarray(head * keys, (head + 1) * keys);
}

function scaledRow({ heads, length, data }: TokenWeights, measured: ScaledKind): Float32Array {
  return data.map((weight, at) => {
    const head = Math.floor(at / length);
    return weight * (factorsOf(measured, Math.floor(head / heads), head % heads)[at % length] ?? 0);
  });
}

function dividedBySums(rows: Float32Array, keys: number): Float32Array {
  const out = new Float32Array(rows.length);
  for (let from = 0; from < rows.length; from += keys) {
    let sum = 0;
    for (let i = from; i < from + keys; i++) sum += rows[i] as number; // within the row
    if (sum > 0) for (let i = from; i < from + keys; i++) out[i] = (rows[i] as number) / sum; // within the row
  }
  return out;
}
