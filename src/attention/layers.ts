/** Layers as people number them. Hybrid models have attention in some of theirs only, and those keep their own numbers. */
import type { KindInfo } from './types';

type Places = Pick<KindInfo, 'places' | 'allLayers'>;

/** The number of the `layer`-th layer with attention among all of the model's, from 1. */
export function layerNumber(info: Places | undefined, layer: number): number {
  return (info?.places?.[layer] ?? layer) + 1;
}

/** The numbers, from 1, of the layers that have no attention. */
export function layersWithout({ places, allLayers = 0 }: Places): readonly number[] {
  if (!places) return [];
  const having = new Set(places);
  return Array.from({ length: allLayers }, (_, place) => place)
    .filter((place) => !having.has(place))
    .map((place) => place + 1);
}
