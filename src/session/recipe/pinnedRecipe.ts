/** What is kept of a pinned explanation across a reload, beside the recipe of the one on show. */
import * as v from 'valibot';
import { pinnedMap } from '../../protocol/requests/panelRequests';
import { readRecipe, type Recipe } from './recipe';

export interface PinnedRecipe {
  readonly map: v.InferOutput<typeof pinnedMap>;
  /** Null where the explanation on show is pinned itself. */
  readonly recipe: Recipe | null;
}

const kept = v.object({ map: pinnedMap, recipe: v.unknown() });

/** Reads what comes back from storage; null where nothing was pinned, or what was kept of it cannot be used. */
export function readPinned(value: unknown): PinnedRecipe | null {
  const read = v.safeParse(kept, value);
  if (!read.success) return null;
  const { map, recipe } = read.output;
  const found = readRecipe(recipe);
  switch (found.type) {
    case 'recipe':
      return { map, recipe: found.recipe };
    case 'none':
      return { map, recipe: null };
    case 'dropped':
      return null;
  }
}
