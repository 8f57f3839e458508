/** Where in a config a number may stand: at the top, or in the config of one side of a composed model. */
import { asInteger, asObject, type JsonObject } from '../json/fields';
import { PARTS } from './configNames';

export type Side = 'encoder' | 'decoder';

/** How many configs may lie inside one another: real models have a composed config within a composed config at most. */
const MAX_DEPTH = 2;

/** The objects that describe one side, the top first, those inside others after them. Empty where the config is no object. */
export function partsOf(config: unknown, side: Side): readonly JsonObject[] {
  const top = asObject(config);
  if (!top) return [];
  const found = [top];
  let layer = [top];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    layer = layer.flatMap((part) =>
      PARTS[side].map((name) => asObject(part[name])).filter((inner) => inner !== undefined),
    );
    found.push(...layer);
  }
  return found;
}

/** The first value under any of `names` that is not null; what stands further out goes first. */
export function valueIn(parts: readonly JsonObject[], names: readonly string[]): unknown {
  for (const part of parts) for (const name of names) if (part[name] != null) return part[name];
  return undefined;
}

/** The first whole number of at least `least` under any of `names`. */
export function integerIn(parts: readonly JsonObject[], names: readonly string[], least = 0): number | undefined {
  for (const part of parts) {
    for (const name of names) {
      const value = asInteger(part[name], least);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}
