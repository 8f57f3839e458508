/**
 * Checks on captured weights before they are trusted: what comes out of a tap must be attention, whatever the graph looked like.
 * Layout of weights: [batch = 1][heads][queries][keys], row-major; or flat [heads][queries][keys].
 */
import { ExplainError } from '../errors';
import { say } from '../text/say';

export interface SelfTestOptions {
  /** What is checked, for the report: `decoder_attentions.3`. */
  readonly label: string;
  /** Heads that the graph or the config told; 0 where neither did. */
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** `flat` layouts have three dimensions, the batch and the heads in one. */
  readonly layout: 'bhqk' | 'flat';
  /** Masked self-attention: a query at place i of the last `queries` tokens may not look past itself. */
  readonly causal: boolean;
  /** Rows may sum to less than 1 (sinks as extra logits, fully masked rows). */
  readonly mayLoseMass: boolean;
  /** Half the step by which the model rounds its probabilities, where they are bytes. */
  readonly rounding?: number;
  /** What the model computes attention in; `quantized` where products around it are integers. */
  readonly precision: 'float32' | 'float16' | 'quantized';
}

/** How far a row's sum may be from 1. */
const ROW_SUM = { float32: 1e-4, float16: 4e-3, quantized: 2e-3 } as const;
/** Softmax of the lowest finite score underflows to exactly 0; half precision may leave a trace. */
const MASKED = { float32: 1e-6, float16: 1e-3, quantized: 1e-6 } as const;

/**
 * @param weights one layer's probabilities
 * @param shape their dimensions as the runtime gave them
 * @returns what is wrong, one sentence each; empty where all is well. At most one sentence a check.
 */
export function selfTest(weights: Float32Array, shape: readonly number[], options: SelfTestOptions): string[] {
  const { layout, queries, keys, label, precision } = options;
  const rank = layout === 'flat' ? 3 : 4;
  if (shape.length !== rank) return [say('attention.wrong.rank', { label, rank: shape.length, wanted: rank })];
  const heads = shape[rank - 3] ?? 0;
  const failures: string[] = [];
  if (layout === 'bhqk' && shape[0] !== 1) failures.push(say('attention.wrong.batch', { label, batch: shape[0] ?? 0 }));
  if (options.heads > 0 && heads !== options.heads)
    failures.push(say('attention.wrong.heads', { label, heads, wanted: options.heads }));
  if (shape[rank - 2] !== queries || shape[rank - 1] !== keys) {
    failures.push(
      say('attention.wrong.map', {
        label,
        queries: shape[rank - 2] ?? 0,
        keys: shape[rank - 1] ?? 0,
        wantedQueries: queries,
        wantedKeys: keys,
      }),
    );
  }
  if (weights.length !== heads * queries * keys)
    failures.push(say('attention.wrong.count', { label, count: weights.length, wanted: heads * queries * keys }));
  return failures.length > 0
    ? failures
    : [...checkRows(weights, heads * queries, options), ...checkMask(weights, heads, options, MASKED[precision])];
}

/**
 * Refuses a model whose self-test found something wrong.
 * @param failures the sentences of `selfTest`, over all layers; none where all is well
 * @param file the export that was run
 * @throws ExplainError SELFTEST_FAILED
 */
export function assertSelfTest(failures: readonly string[], file: string): void {
  const [reason] = failures;
  if (reason === undefined) return;
  throw new ExplainError('SELFTEST_FAILED', say('attention.notAttention', { file, reason }), {
    detail: failures.join('\n'),
  });
}

function checkRows(
  weights: Float32Array,
  rows: number,
  { keys, label, mayLoseMass, precision, rounding = 0 }: SelfTestOptions,
): string[] {
  const tolerance = ROW_SUM[precision] + keys * rounding;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = row * keys; at < (row + 1) * keys; at++) {
      const weight = weights[at] ?? Number.NaN;
      if (!(weight >= 0)) return [say('attention.wrong.weight', { label, weight })];
      sum += weight;
    }
    if (sum > 1 + tolerance || (!mayLoseMass && sum < 1 - tolerance))
      return [say('attention.wrong.sum', { label, sum: sum.toPrecision(6) })];
  }
  return [];
}

function checkMask(
  weights: Float32Array,
  heads: number,
  { causal, queries, keys, label }: SelfTestOptions,
  tolerance: number,
): string[] {
  const ahead = causal ? firstLookAhead(weights, heads, queries, keys, tolerance) : undefined;
  return ahead ? [say('attention.wrong.ahead', { label, head: ahead.head, query: ahead.query, key: ahead.key })] : [];
}

/**
 * The first weight above `tolerance` that a query gives to a key behind it; the queries are the last of the keys.
 * @param weights [head][query][key]
 */
function firstLookAhead(
  weights: Float32Array,
  heads: number,
  queries: number,
  keys: number,
  tolerance: number,
): { head: number; query: number; key: number } | undefined {
  const past = keys - queries;
  for (let head = 0; head < heads; head++) {
    for (let query = 0; query < queries; query++) {
      const row = (head * queries + query) * keys;
      for (let key = query + past + 1; key < keys; key++) {
        if ((weights[row + key] ?? 0) > tolerance) return { head, query: query + past, key };
      }
    }
  }
  return undefined;
}

/** One layer's weights of a pass: [head][query][key]. */
export interface LayerMap {
  readonly data: Float32Array;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
}

/**
 * True where these maps are of masked self-attention, whatever the model's files call themselves: no query of a pass over
 * several tokens looks ahead. Unmasked attention of three tokens or more has weights there, however small.
 */
export function looksBackOnly(maps: readonly LayerMap[]): boolean {
  return (
    maps.length > 0 &&
    maps.every(
      ({ data, heads, queries, keys }) =>
        queries === keys && queries > 2 && !firstLookAhead(data, heads, queries, keys, 0),
    )
  );
}

/**
 * True where two passes that differ in the last token give the same weights in every row but the last one: nothing of a later token
 * reaches an earlier one, neither by a weight nor through the layers below.
 * @param most by how much rounding may move a weight (int8 rounds a whole tensor together)
 */
export function unmovedByLast(first: readonly LayerMap[], second: readonly LayerMap[], most: number): boolean {
  return first.every(({ data, heads, queries, keys }, layer) => {
    const other = second[layer];
    if (other?.heads !== heads || other.queries !== queries || other.keys !== keys) return false;
    for (let at = 0; at < data.length; at++) {
      if (Math.floor(at / keys) % queries === queries - 1) continue;
      if (!(Math.abs((data[at] ?? 0) - (other.data[at] ?? 0)) <= most)) return false;
    }
    return true;
  });
}
