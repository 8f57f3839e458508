/** What kinds, maps and sequences are called wherever they are named. */
import { layerNumber } from '../../src/attention/layers';
import type { HeadRef, KindInfo, MapRef, SequenceName } from '../../src/attention/types';
import { MEASURES } from '../../src/measure/measure';
import type { ExplanationSnapshot } from '../../src/protocol/panel';
import { say, type PlainKey } from '../../src/text/say';
import { count, headName, layerName } from '../format';

export { kindName } from '../../src/attention/kindName';

/** `Layer 3, head 4` */
export const placeName = ({ layer, head }: Pick<HeadRef, 'layer' | 'head'>, info: KindInfo | undefined): string =>
  say('webview.place', { layer: layerName(layer, info), head: headName(head).toLowerCase() });

/** Which heads a map's numbers come from: `Layer 3, head 4`, `Mean of layer 3`. */
function sourceName(
  { source, layer, head }: Pick<MapRef, 'source' | 'layer' | 'head'>,
  info: KindInfo | undefined,
): string {
  switch (source) {
    case 'head':
      return placeName({ layer, head }, info);
    case 'layer-mean':
      return say('webview.source.meanOfLayer', { layer: layerNumber(info, layer) });
    case 'layer-max':
      return say('webview.source.maxOfLayer', { layer: layerNumber(info, layer) });
    case 'all-mean':
      return say('webview.source.meanOfAll');
    case 'all-max':
      return say('webview.source.maxOfAll');
  }
}

/** Source, and the measure where that is not the weight itself. */
export function mapName(
  ref: Pick<MapRef, 'measure' | 'source' | 'layer' | 'head'>,
  info: KindInfo | undefined,
): string {
  const source = sourceName(ref, info);
  return ref.measure === 'weight'
    ? source
    : say('webview.map', { source, measure: say(MEASURES[ref.measure].title).toLowerCase() });
}

/** A sequence's name as people call it, which depends on the family. */
export function sequenceName(snapshot: ExplanationSnapshot | null, sequence: SequenceName): string {
  return say(sequenceKey(snapshot?.model?.family, sequence));
}

function sequenceKey(family: string | undefined, sequence: SequenceName): PlainKey {
  if (sequence === 'source') return family === 'encoder-only' ? 'webview.sequence.text' : 'webview.sequence.source';
  return family === 'decoder-only' ? 'webview.sequence.continued' : 'webview.sequence.generated';
}

/** `1 token`, `1,024 tokens` */
export const tokenCount = (tokens: number): string =>
  tokens === 1 ? say('webview.tokens.one') : say('webview.tokens.many', { count: count(tokens) });
