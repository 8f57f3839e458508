/** Names of a file's attention where only a run can tell the kind. */
import type { TapOutput } from '../types';

/**
 * Self-attention of a single file under the kind that a run has shown: an export of a decoder-only model without a cache has the same
 * inputs as an encoder-only one, and one with a cache may look both ways. Cross-attention stays what it is.
 */
export function withKind(taps: readonly TapOutput[], kind: 'encoder' | 'decoder'): readonly TapOutput[] {
  return taps.map((tap) =>
    tap.kind === 'cross' || tap.kind === kind ? tap : { ...tap, kind, label: `${kind}_attentions.${tap.layer}` },
  );
}
