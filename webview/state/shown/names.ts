/** What kinds, maps and sequences are called wherever they are named. */
import { sourceName } from '../../../src/attention/sourceName';
import type { KindInfo, MapRef, MeasureFit, SequenceName } from '../../../src/attention/types';
import { measureOf } from '../../../src/measure/measure';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { say, type PlainKey } from '../../../src/text/say';
import { count, layerName } from '../../format';

export { kindName } from '../../../src/attention/kindName';
export { placeName, sourceName } from '../../../src/attention/sourceName';

/** A map's name: the heads that it is of, and its measure where that is not the weight. */
export function mapName(
  ref: Pick<MapRef, 'measure' | 'source' | 'layer' | 'head'> & { readonly fit?: MeasureFit },
  info: KindInfo | undefined,
): string {
  // Contributions take a layer's heads together: the map is named after the layer.
  const isLayer = ref.measure === 'contribution' && ref.source.type === 'head';
  const source = isLayer ? layerName(ref.layer, info) : sourceName(ref, info);
  return ref.measure === 'weight'
    ? source
    : say('webview.map', { source, measure: inSentence(say(measureOf(ref).title)) });
}

/** A title within a sentence: its first letter small, a formula in it as it is. */
const inSentence = (title: string): string => title.charAt(0).toLowerCase() + title.slice(1);

/** A sequence's name as people call it, which depends on the family. */
export function sequenceName(snapshot: ExplanationSnapshot | null, sequence: SequenceName): string {
  return say(sequenceKey(snapshot?.model?.family, sequence));
}

function sequenceKey(family: string | undefined, sequence: SequenceName): PlainKey {
  if (sequence === 'source') return family === 'encoder-only' ? 'webview.sequence.text' : 'webview.sequence.source';
  return family === 'decoder-only' ? 'webview.sequence.continued' : 'webview.sequence.generated';
}

/** `1 word`, `1,024 words` */
export const wordCount = (words: number): string =>
  words === 1 ? say('webview.words.one') : say('webview.words.many', { count: count(words) });

/** `1 token`, `1,024 tokens` */
export const tokenCount = (tokens: number): string =>
  tokens === 1 ? say('webview.tokens.one') : say('webview.tokens.many', { count: count(tokens) });
