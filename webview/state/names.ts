/** What kinds, maps and sequences are called wherever they are named. */
import { layerNumber } from '../../src/attention/layers';
import type { HeadPlace, HeadRef, KindInfo, MapRef, SequenceName } from '../../src/attention/types';
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
  switch (source.type) {
    case 'head':
      return placeName({ layer, head }, info);
    case 'rollout':
      return say('webview.source.rollout', { layer: layerNumber(info, layer) });
    case 'heads':
      return severalName(source.by === 'mean' ? MEAN : MAXIMUM, source.heads, info);
  }
}

interface SeveralWords {
  readonly all: 'webview.source.meanOfAll' | 'webview.source.maxOfAll';
  readonly layer: 'webview.source.meanOfLayer' | 'webview.source.maxOfLayer';
  readonly head: 'webview.source.meanOfHead' | 'webview.source.maxOfHead';
  readonly few: 'webview.source.meanOf' | 'webview.source.maxOf';
  readonly many: 'webview.source.meanOfMany' | 'webview.source.maxOfMany';
}

const MEAN: SeveralWords = {
  all: 'webview.source.meanOfAll',
  layer: 'webview.source.meanOfLayer',
  head: 'webview.source.meanOfHead',
  few: 'webview.source.meanOf',
  many: 'webview.source.meanOfMany',
};
const MAXIMUM: SeveralWords = {
  all: 'webview.source.maxOfAll',
  layer: 'webview.source.maxOfLayer',
  head: 'webview.source.maxOfHead',
  few: 'webview.source.maxOf',
  many: 'webview.source.maxOfMany',
};

/** More heads than these are counted, not named. */
const NAMED_HEADS = 3;

/** Several heads by what they have in common: all, a layer, the same head of every layer; else one by one, or their number. */
function severalName(words: SeveralWords, heads: readonly HeadPlace[], info: KindInfo | undefined): string {
  const layers = new Set(heads.map(({ layer }) => layer));
  const columns = new Set(heads.map(({ head }) => head));
  const [first] = heads;
  if (info && heads.length === info.layers * info.heads) return say(words.all);
  if (info && first && layers.size === 1 && heads.length === info.heads)
    return say(words.layer, { layer: layerNumber(info, first.layer) });
  if (info && first && columns.size === 1 && heads.length === info.layers)
    return say(words.head, { head: first.head + 1 });
  if (heads.length > NAMED_HEADS) return say(words.many, { count: heads.length });
  return say(words.few, {
    heads: heads.map(({ layer, head }) => `${layerNumber(info, layer)}.${head + 1}`).join(', '),
  });
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
