/** What attention a loaded model has, kind by kind. */
import { ATTENTION_KINDS, type KindInfo, type ModelFamily } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { TapOutput } from '../../onnx/types';
import { say } from '../../text/say';
import type { LayerWeights } from '../../transformer/capture';

/**
 * @param weights of a run over a few tokens: they tell heads where neither graph nor config does
 * @throws ExplainError LAYOUT_UNSUPPORTED where layers differ in heads
 */
export function kindsInRun(
  weights: readonly LayerWeights[],
  taps: readonly TapOutput[],
  family: ModelFamily,
): readonly KindInfo[] {
  return ATTENTION_KINDS.flatMap((kind): KindInfo[] => {
    const layers = weights.filter((layer) => layer.kind === kind);
    const [first] = layers;
    if (!first) return [];
    const { heads } = first;
    const odd = layers.find((layer) => layer.heads !== heads);
    if (odd) throw new ExplainError('LAYOUT_UNSUPPORTED', say('engine.headsDiffer', { one: heads, other: odd.heads }));
    const own = taps.filter((tap) => tap.kind === kind);
    const kvHeads = own[0]?.kvHeads ?? 0;
    return [
      {
        kind,
        layers: layers.length,
        ...placesOf(own, layers.length),
        heads,
        kvHeads: kvHeads > 0 ? kvHeads : heads,
        // A model that only reads has one sequence, whichever way its attention looks.
        queries: kind === 'encoder' || family === 'encoder-only' ? 'source' : 'target',
        keys: family === 'decoder-only' || (kind === 'decoder' && family !== 'encoder-only') ? 'target' : 'source',
      },
    ];
  });
}

/** Where a hybrid model's layers are among all; nothing where every layer has attention. */
function placesOf(taps: readonly TapOutput[], layers: number): Pick<KindInfo, 'places' | 'allLayers'> {
  // A pair of decoder files shows each layer twice; the first file's will do.
  const among = taps.slice(0, layers).map((tap) => tap.among);
  const places = among.map((one) => one?.place).filter((place) => place !== undefined);
  return places.length === layers ? { places, allLayers: among[0]?.all ?? 0 } : {};
}
