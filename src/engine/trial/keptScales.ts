/**
 * Finds out whether a decoder's weights are softmax(scale · q·k) over the keys up to the query and nothing else: no biases of
 * position, no soft cap, no sinks, keys as the cache holds them. It is tried on a few tokens, layer by layer. A sliding window shows
 * only in a long text, so rows of such a text are compared with the model's own once more (`AttentionStore.takeKeys`).
 */
import { dot } from '../../attention/dot';
import { AttentionStore } from '../../attention/attentionStore';
import { KeyValueCache } from '../../transformer/cache';
import type { Floats, LayerWeights } from '../../transformer/capture';
import type { Decoder } from '../../transformer/decoder';

/** The largest difference that weights computed anew may have from the model's own. */
const TOLERANCE = 1e-6;
/** Weights below this say little about their score. */
const LEAST = 1e-4;

/** The scale of each layer; undefined where weights are made in another way, or the graph does not give out its queries and keys. */
export async function keptScales(decoder: Decoder, ids: readonly number[]): Promise<readonly number[] | undefined> {
  const cache = new KeyValueCache();
  try {
    const { weights } = await decoder.feed(ids, cache, undefined, 1, { queries: true });
    const keys = await decoder.selfKeys(cache, 0);
    if (keys.length !== weights.length) return undefined;
    const scales: number[] = [];
    for (const [index, layer] of weights.entries()) {
      const own = keys[index];
      const scale = own && scaleOf(layer, own);
      if (scale === undefined || !own || !isComputed(layer, own, scale)) return undefined;
      scales.push(scale);
    }
    return scales;
  } catch {
    return undefined;
  } finally {
    cache.clear();
  }
}

/** The least-squares slope of ln(w) over q·k within rows; undefined where shapes are others, or nothing can be told. */
function scaleOf({ from, heads, queries, data }: LayerWeights, { dims, data: keys }: Floats): number | undefined {
  const [batch, keyHeads = 0, tokens = 0, size = 0] = dims;
  if (from?.dims.join() !== [1, heads, queries, size].join() || batch !== 1 || tokens !== queries) return undefined;
  if (keyHeads < 1 || heads % keyHeads !== 0 || size < 1) return undefined;
  const product = (head: number, query: number, key: number): number => {
    const keyHead = Math.floor((head * keyHeads) / heads);
    return dot(from.data, (head * queries + query) * size, keys, (keyHead * tokens + key) * size, size);
  };
  let [xy, xx] = [0, 0];
  for (let head = 0; head < heads; head++)
    for (let query = 1; query < queries; query++) {
      const row = data.subarray((head * queries + query) * tokens, (head * queries + query + 1) * tokens);
      const first = row[0] ?? 0;
      if (first < LEAST) continue;
      const own = product(head, query, 0);
      for (let key = 1; key <= query; key++) {
        const weight = row[key] ?? 0;
        if (weight < LEAST) continue;
        const apart = product(head, query, key) - own;
        xy += apart * Math.log(weight / first);
        xx += apart * apart;
      }
    }
  return xx > 0 ? xy / xx : undefined;
}

/** True where the model's weights are those that queries, keys and scale give. */
function isComputed({ from, ...layer }: LayerWeights, { dims, data }: Floats, scale: number): boolean {
  const [, keyHeads = 0, tokens = 0, size = 0] = dims;
  if (!from) return false;
  const { heads, queries } = layer;
  const info = { kind: 'decoder', layers: 1, heads, kvHeads: keyHeads, queries: 'target', keys: 'target' } as const;
  const store = new AttentionStore([info], false);
  store.append({ ...layer, layer: 0, kept: { queries: from.data, size, scale } }, 0);
  store.takeKeys(0, data, 0, tokens);
  const { headRows } = store.kind('decoder');
  return Array.from({ length: heads }, (_, head) => head).every((head) => {
    const own = layer.data.subarray(head * queries * tokens, (head + 1) * queries * tokens);
    return headRows(0, head).every((weight, at) => Math.abs(weight - (own[at] ?? Infinity)) <= TOLERANCE);
  });
}
