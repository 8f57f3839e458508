/** A factor for each head's output: 0 for a head that is off. */
import type { AttentionKind, HeadRef, KindInfo } from '../../attention/types';
import type { TextProbeRequest } from '../../protocol/engine';

export type Gates = NonNullable<TextProbeRequest['gates']>;

/** The gates of every kind: 1 for each head, 0 for the heads in `off`. */
export function gatesWithout(kinds: readonly KindInfo[], off: readonly HeadRef[]): Gates {
  const gates: Partial<Record<AttentionKind, number[]>> = {};
  for (const { kind, layers, heads } of kinds) {
    const own = Array.from({ length: layers * heads }, () => 1);
    for (const one of off)
      if (one.kind === kind && one.layer < layers && one.head < heads) own[one.layer * heads + one.head] = 0;
    gates[kind] = own;
  }
  return gates;
}

/** Numbers of a layer, [heads][stride], with zeros for its heads that are off: in such a run these come to nothing, whatever they are. */
export function withoutOff(
  data: Float32Array,
  stride: number,
  { kind, layer }: Pick<HeadRef, 'kind' | 'layer'>,
  off: readonly HeadRef[],
): Float32Array {
  const own = off.filter((one) => one.kind === kind && one.layer === layer);
  if (own.length === 0) return data;
  const left = data.slice();
  for (const { head } of own) left.fill(0, head * stride, (head + 1) * stride);
  return left;
}
