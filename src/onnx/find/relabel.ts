/** Names of a file's attention where only a run can tell the kind. */
import type { TapOutput } from '../types';

/**
 * Taps of a file whose attention turned out to be masked: what was taken for an encoder's is a decoder's. An export of a
 * decoder-only model without a cache has the same inputs as an encoder-only one, and its config may not name its class.
 */
export function asDecoder(taps: readonly TapOutput[]): readonly TapOutput[] {
  return taps.map((tap) =>
    tap.kind === 'encoder' ? { ...tap, kind: 'decoder', label: `decoder_attentions.${tap.layer}` } : tap,
  );
}
