/** Values as they cross between the test and the extension host: JSON, with typed arrays kept as what they are. */
const ARRAYS = { Float32Array, Uint8Array, Int32Array } as const;
type ArrayName = keyof typeof ARRAYS;

export function encode(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, item: unknown) => {
    for (const name of Object.keys(ARRAYS) as ArrayName[])
      if (item instanceof ARRAYS[name]) return { $array: name, values: [...item] };
    return item;
  });
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || !('$array' in item) || !('values' in item)) return item;
    return new ARRAYS[item.$array as ArrayName](item.values as number[]);
  });
}
