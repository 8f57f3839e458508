import type { TokenWeights } from './types';

/** A head's largest weight. */
export interface Peak {
  readonly layer: number;
  readonly head: number;
  readonly index: number;
  readonly weight: number;
}

/** Each head's largest weight to a token that may be shown, strongest heads first. */
export function strongestHeads(
  { layers, heads, length, data }: TokenWeights,
  may: (index: number) => boolean,
): readonly Peak[] {
  const peaks: Peak[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      const at = (layer * heads + head) * length;
      let best = -1;
      let weight = 0;
      for (let i = 0; i < length; i++) {
        const w = data[at + i] ?? 0;
        if (w > weight && may(i)) {
          best = i;
          weight = w;
        }
      }
      if (best >= 0) peaks.push({ layer, head, index: best, weight });
    }
  }
  return peaks.sort((a, b) => b.weight - a.weight);
}
