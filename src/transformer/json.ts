/** Reading numbers and lists out of untrusted JSON without casts. */
import { ExplainError } from '../errors';
import { say } from '../text/say';

/** More tokens or sequences than any model's configuration lists; each is looked at for every token that is generated. */
const MOST_ITEMS = 10_000;

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** A whole number of at least `least`, or undefined. */
export function asInteger(value: unknown, least = 0): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined;
}

/** The first of `names` that holds a whole number of at least `least`. */
export function firstInteger(object: JsonObject, names: readonly string[], least = 0): number | undefined {
  for (const name of names) {
    const value = asInteger(object[name], least);
    if (value !== undefined) return value;
  }
  return undefined;
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

/**
 * Whole numbers from a number or a list of numbers; what is not one is left out.
 * @throws ExplainError MODEL_CONFIG_INVALID where there are too many
 */
export function asIntegers(value: unknown): readonly number[] {
  const items: readonly unknown[] = Array.isArray(value) ? asList(value) : [value];
  return items.map((item) => asInteger(item)).filter((item) => item !== undefined);
}
