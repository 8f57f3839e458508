/** Reading numbers, lists and objects out of untrusted JSON without casts. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A list's texts; what is not one is left out. A lone text is a list of one. */
export function asTexts(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item) => typeof item === 'string');
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
export function asIntegers(value: unknown, least = 0): readonly number[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => asInteger(item, least)).filter((item) => item !== undefined);
}

/** Ids from one or a list of them, also where they are written as texts ("2"). */
export function asIds(value: unknown): readonly number[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return asIntegers(items.map((item) => (typeof item === 'string' && /^\d{1,9}$/.test(item) ? Number(item) : item)));
}
