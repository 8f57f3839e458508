/** What answers and events are made of: the schemas that more than one of them has. */
import * as v from 'valibot';
import type { KindInfo, Token } from '../../attention/types';
import { isErrorCode, type ErrorCode, type ErrorValue } from '../../errors';
import { contentEntries, kind, sequence } from '../requests/requestParts';
import { count, indexOrNone } from '../requests/wholeNumbers';

/** True where neither type says more than the other, optional fields counted in. */
type Same<One, Other> = [One, keyof One, Other, keyof Other] extends [Other, keyof Other, One, keyof One]
  ? true
  : false;

/**
 * A schema of a type that is at home in another room, exactly: a field that only one of them has does not compile.
 * @example const token = schemaOf<Token>()(v.object({ … }))
 */
export const schemaOf =
  <Type>() =>
  <Schema extends v.GenericSchema>(
    schema: Same<v.InferOutput<Schema>, Type> extends true ? Schema : never,
  ): v.GenericSchema<Type> =>
    schema as unknown as v.GenericSchema<Type>;

/** An object with these fields, which nobody changes; where a stranger may send a list in its place, it is one of `fields`. */
export const record = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(v.object(entries), v.readonly());
/** A list which nobody changes. */
export const many = <const Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.readonly());

/**
 * A number that was measured. It is finite, as what goes to a webview goes there as JSON, which has no other; what could
 * not be measured is null.
 */
export const measured = v.pipe(v.number(), v.finite());
/** A token's id. */
export const id = v.pipe(v.number(), v.safeInteger());

// Of numbers by the thousand only the kind is looked at.
export const floats = v.custom<Float32Array>((value) => value instanceof Float32Array);

/** The tokens that an answer is about. */
export const content = record(contentEntries);

export const parts = v.exactOptional(many(record({ index: count, of: count })));

export const token = schemaOf<Token>()(
  record({
    id,
    text: v.string(),
    special: v.boolean(),
    start: indexOrNone,
    end: indexOrNone,
    partial: v.boolean(),
    parts,
    type: v.exactOptional(count),
    second: v.exactOptional(v.literal(true)),
    joins: v.exactOptional(v.literal(true)),
  }),
);

/** No model has more layers, or heads. */
const few = v.pipe(count, v.maxValue(100_000));
export const attentionKindInfo = schemaOf<KindInfo>()(
  record({
    kind,
    layers: few,
    places: v.exactOptional(many(few)),
    allLayers: v.exactOptional(few),
    heads: few,
    kvHeads: few,
    queries: sequence,
    keys: sequence,
  }),
);

const errorCode = v.custom<ErrorCode>(isErrorCode);
export const errorValue = schemaOf<ErrorValue>()(
  record({ code: errorCode, message: v.string(), detail: v.exactOptional(v.string()) }),
);

/** Why something could not be had, as clauses. */
export const gaps = many(v.string());
