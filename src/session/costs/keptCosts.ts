/**
 * What was measured of a text (what its heads and the pieces of its input are worth), as it outlives a reload: numbers, and whose they
 * are. Nothing of the text. It is read through the schema that it was written through.
 */
import * as v from 'valibot';
import { ATTENTION_KINDS } from '../../attention/types';
import type { HeadCosts, LeftOutCosts } from '../../protocol/engine';
import { contentEntries } from '../../protocol/requests/requestParts';

/** Heads, or pieces of an input, of which numbers are kept; where there are more nothing is. */
const MOST = 5_000;
const MOST_TEXT = 1_000;
/** So many decimal digits name one float of 32 bits and no other. */
const DIGITS = 9;

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fff_ffff));
const number = v.pipe(v.number(), v.finite());
/** JSON has no NaN: what was not measured is null. */
const numbers = v.pipe(v.array(v.nullable(number)), v.maxLength(MOST), v.readonly());
const text = v.pipe(v.string(), v.maxLength(MOST_TEXT));
const gaps = v.pipe(v.array(text), v.maxLength(100), v.readonly());
const of = v.object(contentEntries);
const kind = v.picklist(ATTENTION_KINDS);
const sequence = v.picklist(['source', 'target']);
const label = v.exactOptional(
  v.object({ id: count, label: text, meaning: v.picklist(['single', 'multi', 'regression', 'score', 'cosine']) }),
);

const heads = v.pipe(
  v.object({
    of,
    kind,
    layers: count,
    heads: count,
    label,
    plain: number,
    costs: numbers,
    layerCosts: numbers,
    done: count,
    gaps,
  }),
  v.check((it) => it.costs.length === it.layers * it.heads && it.layerCosts.length === it.layers),
  v.check(({ done, costs }) => done <= costs.length),
);

const agreement = v.pipe(
  v.object({ kind, layers: count, heads: count, correlations: numbers }),
  v.check((it) => it.correlations.length === it.layers * it.heads),
);

const pieces = v.pipe(
  v.object({
    of,
    sequence,
    ranges: v.pipe(
      v.array(
        v.pipe(
          v.object({ from: count, to: count }),
          v.check(({ from, to }) => from < to),
        ),
      ),
      v.maxLength(MOST),
      v.readonly(),
    ),
    manner: v.picklist(['removed', 'replaced']),
    outputSequence: sequence,
    outputs: v.pipe(v.array(count), v.maxLength(100_000), v.readonly()),
    label,
    plain: number,
    costs: numbers,
    done: count,
    gaps,
    fit: v.exactOptional(v.object({ masks: count, heldOut: count, correlation: v.nullable(number) })),
    agreement: v.nullable(agreement),
  }),
  v.check(({ ranges, costs }) => costs.length === ranges.length),
  v.check(({ fit, done, ranges }) => done <= (fit?.masks ?? ranges.length)),
  v.check((it) => it.ranges.every(({ to }) => to <= it.of[it.sequence])),
);

export const keptCosts = v.object({
  /** The model's fingerprint. */
  model: v.pipe(v.string(), v.maxLength(10_000)),
  heads: v.nullable(heads),
  pieces: v.nullable(pieces),
});
export type KeptCosts = v.InferOutput<typeof keptCosts>;

/** What is known of what a text's heads, and pieces of its input, are worth. */
export interface TextCosts {
  readonly heads: HeadCosts | null;
  readonly pieces: LeftOutCosts | null;
}

const orNull = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null;
const written = (values: Float32Array): (number | null)[] => Array.from(values, orNull);
const read = (values: readonly (number | null)[]): Float32Array => Float32Array.from(values, (value) => value ?? NaN);

/** What to keep; null where there is nothing, or more than is kept. */
export function toKept(model: string, costs: TextCosts): KeptCosts | null {
  const kept = {
    model,
    heads: costs.heads && {
      ...costs.heads,
      costs: written(costs.heads.costs),
      layerCosts: written(costs.heads.layerCosts),
    },
    pieces: costs.pieces && {
      ...costs.pieces,
      costs: written(costs.pieces.costs),
      ...(costs.pieces.fit && { fit: { ...costs.pieces.fit, correlation: orNull(costs.pieces.fit.correlation) } }),
      agreement: costs.pieces.agreement && {
        ...costs.pieces.agreement,
        correlations: written(costs.pieces.agreement.correlations),
      },
    },
  };
  const read = {
    model,
    heads: v.is(v.nullable(heads), kept.heads) ? kept.heads : null,
    pieces: v.is(v.nullable(pieces), kept.pieces) ? kept.pieces : null,
  };
  return read.heads || read.pieces ? read : null;
}

/** What was kept, as the engine told it. */
export const fromKept = (kept: KeptCosts): TextCosts => ({
  heads: kept.heads && {
    ...kept.heads,
    costs: read(kept.heads.costs),
    layerCosts: read(kept.heads.layerCosts),
  },
  pieces: kept.pieces && keptPieces(kept.pieces),
});

function keptPieces({ fit, agreement: agreed, ...rest }: NonNullable<KeptCosts['pieces']>): LeftOutCosts {
  return {
    ...rest,
    costs: read(rest.costs),
    agreement: agreed && { ...agreed, correlations: read(agreed.correlations) },
    ...(fit && { fit }),
  };
}
