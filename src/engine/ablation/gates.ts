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
