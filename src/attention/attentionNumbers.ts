/** Numbers between queries and keys in every layer and head: the weights, or a measure that is made of them and more. */
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

/** The numbers of one kind, exact, a head at a time. */
export interface KindWeights {
  readonly layers: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** Row-major [queries][keys]; keys that a row did not see are 0. */
  readonly headRows: (layer: number, head: number) => Float32Array;
}

export interface AtlasOptions {
  readonly kind: AttentionKind;
  readonly maxCell: number;
  readonly hideSpecial: boolean;
}

/** Every method throws ExplainError INVALID_REQUEST where the model has no such kind, layer or head. */
export interface AttentionNumbers {
  /** Whether the first token counts as an attention sink too (decoder-only models, arXiv 2309.17453). */
  readonly firstIsSink: boolean;
  /** What there is of a kind. A measure that takes a layer's heads together has one head. */
  info(kind: AttentionKind): KindInfo;
  /** What a kind's numbers are; undefined where they are weights. */
  fit(kind: AttentionKind): MeasureFit | undefined;
  kind(kind: AttentionKind): KindWeights;
  /** One head as bytes of its measure's scale. */
  head(ref: HeadRef): HeadMatrix;
  tokenWeights(sequence: SequenceName, indices: readonly number[]): readonly TokenWeights[];
  atlasInSteps(options: AtlasOptions): Generator<undefined, Atlas, undefined>;
  /** The same numbers without those of tokens beyond `lengths`. */
  upTo(lengths: Readonly<Record<SequenceName, number>>): AttentionNumbers;
}
