/** Several heads taken together: which they are, and how their numbers become one. Pure kernels on typed arrays. */
import type { HeadPlace, MapSource } from '../attention/types';

/** How many layers and heads there are. */
export interface HeadCounts {
  readonly layers: number;
  readonly heads: number;
}

/** The chosen head by itself. */
export const ONE_HEAD: MapSource = { type: 'head' };

/** Every head of a kind, layer by layer. */
export function allHeads({ layers, heads }: HeadCounts): readonly HeadPlace[] {
  return Array.from({ length: layers * heads }, (_, at) => ({ layer: Math.floor(at / heads), head: at % heads }));
}

/** Equal sources have equal keys. */
export function sourceKey(source: MapSource): string {
  switch (source.type) {
    case 'head':
    case 'rollout':
      return source.type;
    case 'heads':
      return `${source.by}:${source.heads.map(({ layer, head }) => `${layer}.${head}`).join()}`;
  }
}

/** A source as a kind can have it: heads that it does not have are left out, and without any the chosen one is meant. */
export function sourceWithin(source: MapSource, { layers, heads }: HeadCounts): MapSource {
  if (source.type !== 'heads') return source;
  const known = source.heads.filter(({ layer, head }) => layer < layers && head < heads);
  if (known.length === 0) return ONE_HEAD;
  return known.length === source.heads.length ? source : { ...source, heads: known };
}

/** Sources that are made of heads' own numbers; a rollout is made of whole layers. */
export type HeadsSource = Exclude<MapSource, { readonly type: 'rollout' }>;

export interface Pooling {
  readonly by: 'mean' | 'max';
  /** The heads that are taken together, as indices into [layer][head]. */
  readonly heads: readonly number[];
}

/** The mean over all heads of a kind. */
export const meanOfAll = ({ layers, heads }: HeadCounts): Pooling => ({
  by: 'mean',
  heads: Array.from({ length: layers * heads }, (_, at) => at),
});

/** Which heads' own numbers a source takes together; a single head is the mean over itself. */
export function poolingOf(source: HeadsSource, shape: HeadCounts, chosen: HeadPlace): Pooling {
  const known = sourceWithin(source, shape);
  const { by, heads } = known.type === 'heads' ? known : { by: 'mean' as const, heads: [chosen] };
  return { by, heads: heads.map(({ layer, head }) => layer * shape.heads + head) };
}

/** Takes one more head into `out`: adds its share of the mean, or raises to its numbers. `out` begins with zeros. */
export function pool(out: Float32Array, head: Float32Array, { by, heads }: Pooling): void {
  const share = 1 / heads.length;
  // Both have the same length.
  if (by === 'mean') for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + share * (head[i] as number);
  else for (let i = 0; i < out.length; i++) out[i] = Math.max(out[i] as number, head[i] as number);
}
