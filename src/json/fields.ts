/** Reading numbers, lists and objects out of untrusted JSON without casts. */
import { ExplainError } from '../errors';
import { say } from '../text/say';

/** More tokens, sequences or layers than any model's configuration lists; tokens are looked at for every token that is generated. */
const MOST_ITEMS = 10_000;

export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON object: neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value where it is a JSON object, else undefined. */
export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

/** The items of a list; none where it is not one. @throws ExplainError MODEL_CONFIG_INVALID where it has too many */
export function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  if (value.length > MOST_ITEMS)
    throw new ExplainError(
      'MODEL_CONFIG_INVALID',
      say('transformer.listTooLong', { count: value.length, most: MOST_ITEMS }),
    );
  return value;
}

/** A list's items, or the one value that stands in place of a list. */
const oneOrMore = (value: unknown): readonly unknown[] => (Array.isArray(value) ? asList(value) : [value]);

/** A list's texts; what is not one is left out. A lone text is a list of one. */
export function asTexts(value: unknown): readonly string[] {
  return oneOrMore(value).filter((item) => typeof item === 'string');
}

/** A whole number of at least `least`, or undefined. */
export function asInteger(value: unknown, least = 0): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined;
}

/** Whole numbers from a number or a list of numbers; what is not one is left out. */
export function asIntegers(value: unknown, least = 0): readonly number[] {
  return oneOrMore(value)
    .map((item) => asInteger(item, least))
    .filter((item) => item !== undefined);
}

/** Ids from one or a list of them, also where they are written as texts ("2"). */
export function asIds(value: unknown): readonly number[] {
  return asIntegers(
    oneOrMore(value).map((item) => (typeof item === 'string' && /^\d{1,9}$/.test(item) ? Number(item) : item)),
  );
}
