import type { KeptCosts } from '../costs/keptCosts';
import type { Generated, Recipe } from './recipe';
import type { Subject } from '../subject/subject';

/** What to keep so that an explanation can be computed again. */
export function recipeOf(
  { explained, model, hash, reading, guidance }: Subject,
  { steps, beam }: Pick<Generated, 'steps' | 'beam'>,
  costs: KeptCosts | null,
): Recipe {
  const { uri, eol, ranges } = explained;
  return {
    version: 2,
    modelId: model.id,
    uri,
    ranges: ranges.map(({ start, end }) => ({ start, end })),
    eol,
    hash,
    windowStart: reading.windowStart,
    masked: reading.masked,
    chat: reading.chat,
    specialsAsText: reading.specialsAsText,
    pair: reading.pair,
    intervention: reading.intervention,
    decoding: guidance.decoding,
    forced: guidance.forced,
    branches: guidance.branches,
    steps,
    beam,
    costs,
  };
}
