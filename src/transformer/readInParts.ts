/**
 * A long text fed in parts behind a growing cache. One pass over all of it would compute, and give out, a weight for
 * every pair of tokens, half of which the mask makes 0; each part's rows end with the part's own last token.
 */
import { deliver, type WeightReceiver, type LayerWeights } from './capture';
import type { Decoder, DecoderPass, EncoderStates } from './decoder';
import type { KeyValueCache } from './cache';

/** What a receiver is to keep of a pass. */
export type Kept = 'weights' | 'queries';

/**
 * Tokens that are fed together. Rows within a part have columns up to the part's last token, so of N tokens PART / 2 · N weights
 * that the mask makes 0 are kept too. Where queries are kept instead, a part's weights exist only for a moment, and are to be few.
 */
export const PART: Readonly<Record<Kept, number>> = { weights: 64, queries: 16 };
/** What is no longer than this is read in one pass, which is faster. */
const LONG = 512;

/** A decoder, or what feeds one in its place: that one takes no parts. */
export type Fed = Pick<Decoder, 'feed'> & Partial<Pick<Decoder, 'takesParts' | 'scales' | 'selfKeys'>>;

/** How a text is read. */
export interface PartReading {
  /** How many last positions' logits to read, at least 1. */
  readonly wanted: number;
  readonly receiver: WeightReceiver;
  /** `queries` only of a decoder whose `scales` are known. */
  readonly keep?: Kept | undefined;
  /** Between two parts, told how much is read, 0 to 1: lets others have a turn. */
  readonly pause?: ((fraction: number) => Promise<unknown>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Logits = Pick<DecoderPass, 'logits' | 'positions' | 'vocabulary'>;

/**
 * Feeds what comes after the cache, in parts where the decoder takes them and there is much of it; the weights go to
 * the receiver as they come.
 * @throws AbortError between two parts, and what a run can fail with
 */
export async function readInParts(
  decoder: Fed,
  ids: readonly number[],
  cache: KeyValueCache,
  encoder: EncoderStates | undefined,
  { wanted, receiver, keep = 'weights', pause, signal }: PartReading,
): Promise<Logits> {
  const isLong = decoder.takesParts === true && cache.length === 0 && (ids.length > LONG || keep === 'queries');
  const size = isLong ? PART[keep] : ids.length;
  const rows: Logits[] = [];
  for (let at = 0; at < ids.length; at += size) {
    if (at > 0) await pause?.(at / ids.length);
    signal?.throwIfAborted();
    const part = ids.slice(at, at + size);
    // How many of the text's last positions, whose logits are wanted, are in this part.
    const own = Math.min(part.length, at + part.length - (ids.length - wanted));
    const beside = { queries: keep === 'queries' };
    const { weights, from, ...logits } = await decoder.feed(part, cache, encoder, Math.max(1, own), beside);
    deliver(keep === 'queries' ? weights.map((layer) => withKept(layer, decoder)) : weights, receiver, from);
    if (keep === 'queries')
      for (const [layer, keys] of ((await decoder.selfKeys?.(cache, from)) ?? []).entries())
        receiver.takeKeys(layer, keys.data, keys.from, cache.length);
    if (own > 0) rows.push(logits);
  }
  return joined(rows);
}

/** A layer's weights with what they are computed from, to be kept in their place. */
function withKept({ from, ...layer }: LayerWeights, { scales }: Fed): LayerWeights {
  const scale = scales?.[layer.layer];
  if (!from || scale === undefined) return layer;
  return { ...layer, kept: { queries: from.data, size: from.dims[3] ?? 0, scale } };
}

function joined(rows: readonly Logits[]): Logits {
  const [first, ...others] = rows;
  if (first && others.length === 0) return first;
  const vocabulary = first?.vocabulary ?? 0;
  const positions = rows.reduce((sum, one) => sum + one.positions, 0);
  const logits = new Float32Array(positions * vocabulary);
  let at = 0;
  for (const one of rows) {
    logits.set(one.logits, at);
    at += one.logits.length;
  }
  return { logits, positions, vocabulary };
}
