/** What heads are called, one or several together, in the panel and in the editor's card alike. */
import { say } from '../text/say';
import { layerNumber } from './layers';
import type { HeadPlace, KindInfo, MapRef } from './types';

/** `Layer 3, head 4` */
export const placeName = ({ layer, head }: HeadPlace, info: KindInfo | undefined): string =>
  say('webview.place', {
    layer: say('webview.layer', { layer: layerNumber(info, layer) }),
    head: say('webview.head', { head: head + 1 }).toLowerCase(),
  });

/** Which heads a map's numbers come from: `Layer 3, head 4`, `Mean of layer 3`. */
export function sourceName(
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
