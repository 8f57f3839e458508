/** Sets of heads as they are picked: one by one, by range, by row and column. */
import type { HeadPlace, MapSource } from '../attention/types';
import { allHeads, ONE_HEAD, type HeadCounts } from './source';

const same = (one: HeadPlace, other: HeadPlace): boolean => one.layer === other.layer && one.head === other.head;

/** The heads that a source shows: those of a set, the chosen one, or all up to the chosen layer. */
export function shownHeads(source: MapSource, chosen: HeadPlace, counts: HeadCounts): readonly HeadPlace[] {
  switch (source.type) {
    case 'head':
      return [chosen];
    case 'heads':
      return source.heads;
    case 'rollout':
      return allHeads(counts).filter(({ layer }) => layer <= chosen.layer);
  }
}

/** Several heads as a source, in the order of the grid; a single one is that head. @param by what was chosen before */
function together(heads: readonly HeadPlace[], by: 'mean' | 'max'): MapSource {
  const ordered = [...heads].sort((one, other) => one.layer - other.layer || one.head - other.head);
  return ordered.length < 2 ? ONE_HEAD : { type: 'heads', by, heads: ordered };
}

/** What is picked, and which head of it is the chosen one. */
export interface PickedHeads {
  readonly chosen: HeadPlace;
  readonly source: MapSource;
}

const byOf = (source: MapSource): 'mean' | 'max' => (source.type === 'heads' ? source.by : 'mean');
const pickedOf = ({ chosen, source }: PickedHeads): readonly HeadPlace[] =>
  source.type === 'heads' ? source.heads : [chosen];

/** Takes a head in, or out where it is in and not the last one. */
export function toggled(before: PickedHeads, head: HeadPlace): PickedHeads {
  const picked = pickedOf(before);
  const has = picked.some((one) => same(one, head));
  const heads = has ? picked.filter((one) => !same(one, head)) : [...picked, head];
  const [first] = heads;
  if (!first) return before;
  return {
    chosen: has ? (heads.find((one) => same(one, before.chosen)) ?? first) : head,
    source: together(heads, byOf(before.source)),
  };
}

/** All heads in the rectangle between the chosen one and another, which becomes its other corner. */
export function ranged({ chosen, source }: PickedHeads, to: HeadPlace): PickedHeads {
  const between = (value: number, one: number, other: number): boolean =>
    value >= Math.min(one, other) && value <= Math.max(one, other);
  const layers = Math.max(chosen.layer, to.layer) + 1;
  const heads = Math.max(chosen.head, to.head) + 1;
  const inside = allHeads({ layers, heads }).filter(
    ({ layer, head }) => between(layer, chosen.layer, to.layer) && between(head, chosen.head, to.head),
  );
  return { chosen, source: together(inside, byOf(source)) };
}

/** A whole layer, or one head of every layer. @param add keep what is picked, and take it in; out where all of it is in */
export function lined(
  before: PickedHeads,
  line: { readonly layer: number } | { readonly head: number },
  counts: HeadCounts,
  add: boolean,
): PickedHeads {
  const own = allHeads(counts).filter((place) =>
    'layer' in line ? place.layer === line.layer : place.head === line.head,
  );
  const others = add ? pickedOf(before).filter((one) => !own.some((other) => same(one, other))) : [];
  const isAllIn = add && own.every((one) => pickedOf(before).some((other) => same(one, other)));
  const heads = isAllIn && others.length > 0 ? others : [...others, ...own];
  const [first] = heads;
  if (!first) return before;
  return {
    chosen: heads.find((one) => same(one, before.chosen)) ?? first,
    source: together(heads, byOf(before.source)),
  };
}

/**
 * What another chosen head shows: itself; a whole layer's heads where those of the layer before were shown; a rollout
 * to its layer.
 */
export function moved({ source }: PickedHeads, to: HeadPlace, counts: HeadCounts): MapSource {
  if (source.type !== 'heads') return source;
  const layers = new Set(source.heads.map(({ layer }) => layer));
  const isLayer = layers.size === 1 && source.heads.length === counts.heads && counts.heads > 1;
  if (isLayer && !layers.has(to.layer)) return lined({ chosen: to, source }, { layer: to.layer }, counts, false).source;
  return isLayer ? source : ONE_HEAD;
}
