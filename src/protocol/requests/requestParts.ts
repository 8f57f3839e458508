/** What requests are made of: the schemas that more than one of them has, and how long their lists and numbers may be. */
import * as v from 'valibot';
import {
  ALIGNMENT_READINGS,
  ALIGNMENT_SOURCES,
  ATTENTION_KINDS,
  AXIS_NAMES,
  MEASURE_NAMES,
  PROBED_MEASURES,
} from '../../attention/types';
import { isObject } from '../../json/fields';
import { index, indexOrNone } from './wholeNumbers';

const MAX_INDICES = 100_000;
/** Explanations are named by UUIDs, which are short. */
const MAX_NAME = 10_000;
/** No model has more layers times heads. */
const MAX_HEADS = 100_000;
/** Words or sentences of the longest text that a model reads. */
const MAX_PIECES = 10_000;

/** An object with these fields; others are not read. An array is an object too, but never one of these. */
export const fields = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(v.custom<object>(isObject), v.object(entries), v.readonly());

/** One thing for each path of a file. */
export const byPath = <const Item extends v.GenericSchema>(item: Item) =>
  v.pipe(v.custom<object>(isObject), v.record(v.string(), item), v.readonly());

export const indices = v.pipe(v.array(index), v.maxLength(MAX_INDICES), v.readonly());
/** The id of the explanation that a request is about: one that was replaced since is left alone. */
export const explanation = v.pipe(v.string(), v.maxLength(MAX_NAME));
export const kind = v.picklist(ATTENTION_KINDS);
export const sequence = v.picklist(['source', 'target']);
export const measure = v.picklist(MEASURE_NAMES);
export const probedMeasure = v.picklist(PROBED_MEASURES);
export const axis = v.picklist(AXIS_NAMES);

/** Where a map's numbers come from (`MapSource`). */
export const source = v.union([
  fields({ type: v.literal('head') }),
  fields({
    type: v.literal('heads'),
    by: v.picklist(['mean', 'max']),
    heads: v.pipe(v.array(fields({ layer: index, head: index })), v.maxLength(MAX_HEADS), v.readonly()),
  }),
  fields({ type: v.literal('rollout') }),
]);

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** Which numbers of a row are shown (`RowCut`). */
export const cut = v.union([
  fields({ type: v.literal('all') }),
  fields({ type: v.literal('mass'), share }),
  fields({ type: v.literal('least'), size: share }),
]);

/** What is done to a map's rows before they are shown (`Sieve`). */
export const sieve = fields({ cut, renormalise: v.boolean(), hide: v.boolean() });

/** Which cross-attention an alignment is read off, and how (`AlignmentChoice`). */
export const alignmentEntries = {
  source: v.picklist(ALIGNMENT_SOURCES),
  layer: index,
  head: index,
  reading: v.picklist(ALIGNMENT_READINGS),
};

/** Only that they are bytes is looked at: a model's file has hundreds of millions. */
export const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** Pieces of the input. */
export const ranges = v.pipe(v.array(fields({ from: index, to: index })), v.maxLength(MAX_PIECES), v.readonly());
/** How a piece of the input is left out: taken out, or with the model's mask in place of each token, its padding token where it has none. */
export const manner = v.picklist(['removed', 'replaced']);
/** How what pieces are worth is measured: each by itself (also where it is left out), or by a sparse linear fit over random masks of them. */
export const method = v.exactOptional(v.picklist(['each', 'fit']));
/** Heads that are switched off, of any kind of attention; their outputs count as 0. */
export const headList = v.pipe(
  v.array(fields({ kind, layer: index, head: index })),
  v.maxLength(MAX_HEADS),
  v.readonly(),
);

/** What of a text is not read as it stands: pieces of its input are left out, all of them together, and heads of the model are off. */
export const interventionEntries = { ranges, manner, off: headList };
export const intervention = fields(interventionEntries);
export type Intervention = v.InferOutput<typeof intervention>;

/** Links that are cut (`Knockout`): their scores count as −∞. */
export const cutLinkList = v.pipe(
  v.array(fields({ kind, layer: indexOrNone, head: indexOrNone, queries: indices, keys: indices })),
  v.maxLength(MAX_HEADS),
  v.readonly(),
);

/** The tokens that something is about (`attention/content.ts`). */
export const contentEntries = {
  source: index,
  target: index,
  hash: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)),
};
