/** Several heads taken together: which they are, and how their numbers become one. Pure kernels on typed arrays. */
import type { SourceName } from '../attention/types';

/** How many layers and heads there are, and which one is chosen. */
export interface ChosenHead {
  readonly layers: number;
  readonly heads: number;
  readonly layer: number;
  readonly head: number;
}

export interface Pooling {
  readonly by: 'mean' | 'max';
  /** The heads that are taken together, as indices into [layer][head]: from the first up to and without the last. */
  readonly from: number;
  readonly to: number;
}

/** A single head is the mean over itself. */
export function poolingOf(source: SourceName, { layers, heads, layer, head }: ChosenHead): Pooling {
  switch (source) {
    case 'head':
      return { by: 'mean', from: layer * heads + head, to: layer * heads + head + 1 };
    case 'layer-mean':
      return { by: 'mean', from: layer * heads, to: (layer + 1) * heads };
    case 'layer-max':
      return { by: 'max', from: layer * heads, to: (layer + 1) * heads };
    case 'all-mean':
      return { by: 'mean', from: 0, to: layers * heads };
    case 'all-max':
      return { by: 'max', from: 0, to: layers * heads };
  }
}

/** Takes one more head into `out`: adds its share of the mean, or raises to its numbers. `out` begins with zeros. */
export function pool(out: Float32Array, head: Float32Array, { by, from, to }: Pooling): void {
  const share = 1 / (to - from);
  // Both have the same length.
  if (by === 'mean') for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + share * (head[i] as number);
  else for (let i = 0; i < out.length; i++) out[i] = Math.max(out[i] as number, head[i] as number);
}

/** True where the source is a head by itself, and so has a place in the grids of heads. */
export const isHead = (source: SourceName): boolean => source === 'head';
