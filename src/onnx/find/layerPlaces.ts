/** Where the layers that have attention are among all of a model's: hybrid models have it in some only. */
import { inputRole } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { Expected } from './expectedCounts';

/**
 * Places of `count` found layers, from 0 and in order. What the config says goes first; where it only says how many
 * layers there are, the graph's cached keys are numbered by layer, and those without attention have none.
 * @returns undefined where every layer has attention, or nothing tells which have
 */
export function placesOf(count: number, expected: Expected, graph: Graph): readonly number[] | undefined {
  const { all, places } = expected;
  if (all === 0 || count >= all) return undefined;
  if (places) return places.length === count ? places : undefined;
  const cached = cachedPlaces(graph);
  return cached.length === count && cached.every((place) => place < all) ? cached : undefined;
}

/** The layers whose own keys the graph takes back, by the number in the input's name (`past_key_values.4.key`). */
function cachedPlaces(graph: Graph): readonly number[] {
  const numbers = graph.inputs
    .filter((input) => inputRole(input) === 'past' && /key/.test(input.name.replace('key_values', '')))
    .map(({ name }) => /(?:^|\D)(\d{1,4})(?:\D|$)/.exec(name)?.[1]);
  return [...new Set(numbers.filter((number) => number !== undefined).map(Number))].sort((a, b) => a - b);
}
