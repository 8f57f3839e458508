/** The vocabulary that every room shares. Types only. */

/** Encoder self-attention, masked decoder self-attention, cross-attention (Vaswani et al. 2017, section 3.2.3). */
export type AttentionKind = 'encoder' | 'decoder' | 'cross';
export const ATTENTION_KINDS: readonly AttentionKind[] = ['encoder', 'decoder', 'cross'];

/** The two token sequences of an explanation. Decoder-only models have only `target`, encoder-only models only `source`. */
export type SequenceName = 'source' | 'target';

export type ModelFamily = 'encoder-decoder' | 'encoder-only' | 'decoder-only';

/** Which part of a character that several tokens share a token is: `index` from 1 to `of`. */
export interface TokenPart {
  readonly index: number;
  readonly of: number;
}

/** How a text is written, which says what its words are: in code identifiers are words, and `a.b` is three. */
export type TextKind = 'prose' | 'code';

/** One token of a sequence. */
export interface Token {
  readonly id: number;
  /** What the token stands for, readable: decoded text, or the piece's own name for special tokens. May be `�` for a lone byte. */
  readonly text: string;
  /** A token of the tokenizer's own (`</s>`, `[SEP]`, …), not of the text. */
  readonly special: boolean;
  /**
   * UTF-16 offsets [start, end) into the explained text, or -1 and -1 where the token has no place there
   * (special tokens, generated tokens, or a chat template that changed the text).
   */
  readonly start: number;
  readonly end: number;
  /** True where the token covers only some bytes of a character; [start, end) is then the whole character. */
  readonly partial: boolean;
  /** Of each character in `text` that it shares with neighbours, in order: which part it is. Left out where none is known. */
  readonly parts?: readonly TokenPart[];
  /** The type that it has in a pair of texts, where that is not 0 (BERT's segments). */
  readonly type?: number;
  /** True for the tokens of a pair's second text. */
  readonly second?: true;
  /** True where it goes on with the word of the token before it; left out where it begins one. See `measure/words`. */
  readonly joins?: true;
}

/** What attention of one kind the model has, and which sequences its rows (queries) and columns (keys) are. */
export interface KindInfo {
  readonly kind: AttentionKind;
  /** Layers that have attention; everything about layers is counted among these. */
  readonly layers: number;
  /** Where they are among all layers of a hybrid model, from 0; left out where every layer has attention. See `layerNumber`. */
  readonly places?: readonly number[];
  /** All layers of a hybrid model. */
  readonly allLayers?: number;
  /** Query heads. */
  readonly heads: number;
  /** Key/value heads (grouped-query attention); equal to `heads` otherwise. Query head h belongs to group floor(h / (heads / kvHeads)). */
  readonly kvHeads: number;
  readonly queries: SequenceName;
  readonly keys: SequenceName;
}

/** One head. */
export interface HeadRef {
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly head: number;
}

/** What is measured between a query and a key; `src/measure` says of each what it means. */
export type MeasureName = 'weight' | ProbedMeasure | 'difference';
export const MEASURE_NAMES: readonly MeasureName[] = ['weight', 'moved', 'contribution', 'difference'];

/** Measures that need more of the model than its weights: they are made when they are asked for, by a further pass. */
export type ProbedMeasure = 'moved' | 'contribution';
export const PROBED_MEASURES: readonly ProbedMeasure[] = ['moved', 'contribution'];

/** True for a measure that has to be made by a further pass. */
export const isProbed = (measure: MeasureName): measure is ProbedMeasure =>
  measure === 'moved' || measure === 'contribution';

/** Says of numbers that are not weights what they are: their measure, and what about it depends on the model and the text. */
export interface MeasureFit {
  readonly measure: ProbedMeasure;
  /** The largest number of this kind of attention in this text: what the fixed colour scale ends at. */
  readonly most: number;
  /** True where the output projection was not found, so that the values count as they are. */
  readonly plain: boolean;
}

/** A head within its kind. */
export type HeadPlace = Pick<HeadRef, 'layer' | 'head'>;

/** Where a map's numbers come from. */
export type MapSource =
  /** The chosen head. */
  | { readonly type: 'head' }
  /** Several heads taken together: at each query and key their mean, or their largest number. */
  | { readonly type: 'heads'; readonly by: 'mean' | 'max'; readonly heads: readonly HeadPlace[] }
  /** All heads of the layers up to and with the chosen one (Abnar and Zuidema 2020). */
  | { readonly type: 'rollout' };

/** What stands along the sides of a map: tokens as the model reads them, or the words that they make. */
export type AxisName = 'tokens' | 'words';
export const AXIS_NAMES: readonly AxisName[] = ['tokens', 'words'];

/** Which numbers of a row are shown: all; the largest that make up a share of its mass; those from a size on. */
export type RowCut =
  | { readonly type: 'all' }
  | { readonly type: 'mass'; readonly share: number }
  | { readonly type: 'least'; readonly size: number };

/** What is done to a map's rows before they are shown. */
export interface Sieve {
  readonly cut: RowCut;
  /** What is left of a row is divided by its sum. */
  readonly renormalise: boolean;
  /** Sinks are left out. */
  readonly hide: boolean;
}

/** A map of a kind of attention: what is measured, of which heads, and between what. */
export interface MapRef extends HeadRef {
  readonly measure: MeasureName;
  readonly source: MapSource;
  readonly axis: AxisName;
}

/** One head's weights as bytes: round(255·w), row-major [queries][keys]. */
export interface HeadMatrix extends HeadRef {
  readonly queries: number;
  readonly keys: number;
  readonly data: Uint8Array;
}

/** A map as bytes of its measure's fixed scale (`src/measure/bytes.ts`), row-major [queries][keys]. */
export interface MapMatrix extends HeadMatrix, MapRef {
  /** Where its rows were cut or renormalised: how, and what that came to in each row. What is not shown is 0. */
  readonly sifted?: { readonly sieve: Sieve; readonly limits: RowLimits };
  /** Of a measure that is made by a further pass. */
  readonly fit?: MeasureFit;
}

/** What a sieve means for each row of a map, [queries]: the least size that is shown, and the factor that shown numbers are multiplied by. */
export interface RowLimits {
  readonly least: Float32Array;
  readonly factor: Float32Array;
}

/** One token's (or word's) exact weights in every layer and head, in one role. */
export interface TokenWeights {
  readonly kind: AttentionKind;
  /** `query`: the weights with which the token looks at the keys. `key`: the weights with which each query looks at it. */
  readonly role: 'query' | 'key';
  readonly layers: number;
  readonly heads: number;
  /** Keys (role query) or queries (role key), on the axis that was asked for. */
  readonly length: number;
  /** [layer][head][length], row-major. Of several tokens: the sum (role key) or the mean (role query) over them. */
  readonly data: Float32Array;
  /** What the numbers are, where they are not weights. */
  readonly fit?: MeasureFit;
  /** Rollout up to and with the layer that it was asked for, [length]; else left out. */
  readonly rollout?: Float32Array;
}

/** Every head of a kind, pooled to small cells for the overview. */
export interface Atlas {
  readonly kind: AttentionKind;
  readonly layers: number;
  readonly heads: number;
  /** Cell size in bins: rows × cols bins, each at most `queries` × `keys`. */
  readonly rows: number;
  readonly cols: number;
  /** round(255·w) of the largest weight in each bin, [layer][head][rows][cols]. */
  readonly data: Uint8Array;
  /** Mean weight that a query gives to special or first tokens (the attention sink), [layer][head], 0 to 1. */
  readonly sinkMass: Float32Array;
  /** Mean Shannon entropy of a query's row in bits, [layer][head]. */
  readonly entropy: Float32Array;
  /** What the numbers are, where they are not weights. Sink mass and entropy are of rows that sum to 1, or are divided by their sums. */
  readonly fit?: MeasureFit;
}

/** Where a head may look (`measure/roles/roles.ts` says how each is measured). */
export const ROLE_NAMES = [
  'previous',
  'next',
  'same',
  'sink',
  'punctuation',
  'diagonal',
  'duplicate',
  'induction',
  'entropy',
  'distance',
] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** How much every head of a kind looks at each kind of place. */
export interface RoleTable {
  readonly kind: AttentionKind;
  readonly layers: number;
  readonly heads: number;
  /** [layer][head]; null where there was nothing to measure it on. */
  readonly scores: Readonly<Record<RoleName, readonly (number | null)[]>>;
}

export const ALIGNMENT_SOURCES = ['head', 'layer-mean', 'all-mean'] as const;

/**
 * Which row is a word's: `fed`, those where its tokens are the decoder's input (Shift-Att, Chen et al. 2020,
 * arXiv 2004.14837), or `predicts`, those that wrote its tokens, one earlier.
 */
export const ALIGNMENT_READINGS = ['fed', 'predicts'] as const;

/** Which cross-attention an alignment is read off, and how. */
export interface AlignmentChoice {
  /** One head, the mean of a layer's heads, or of all. */
  readonly source: (typeof ALIGNMENT_SOURCES)[number];
  readonly layer: number;
  readonly head: number;
  readonly reading: (typeof ALIGNMENT_READINGS)[number];
}

/** How well a choice aligns, 0 to 1: 1 − alignment error rate on hand-aligned pairs, or the share of names and numbers that it finds. */
export interface AlignmentScore extends AlignmentChoice {
  readonly score: number;
}

/** Consecutive tokens [from, to) of a sequence. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
}

/** What the heads of one kind add through each key, at the place whose logit it is. */
export interface AttributedKind {
  readonly kind: AttentionKind;
  readonly layers: number;
  readonly heads: number;
  readonly keys: number;
  /** [layer][head][key], row-major. */
  readonly values: Float32Array;
}

/** What the heads do not add: the rest of the sum. */
export interface AttributedRest {
  /** What the stream brings that enters the first block: token and position. */
  readonly embeddings: number;
  /** By block, [blocks]. */
  readonly feedForward: Float32Array;
  /** Biases of projections, norms and the unembedding. */
  readonly constants: number;
  /** What is missing to the model's own number: rounding, of quantised files more than of others. */
  readonly rounding: number;
}

/** Links that are cut: from each of these queries to each of these keys, in one head or in all. */
export interface Knockout {
  readonly kind: AttentionKind;
  /** -1: in every layer. */
  readonly layer: number;
  /** -1: in every head. */
  readonly head: number;
  readonly queries: readonly number[];
  readonly keys: readonly number[];
}
