/** Reading numbers and lists out of untrusted JSON without casts. */
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

/** Whole numbers from a number or a list of numbers; what is not one is left out. */
export function asIntegers(value: unknown): readonly number[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => asInteger(item)).filter((item) => item !== undefined);
}
