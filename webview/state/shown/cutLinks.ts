/** Single links of attention that are cut, of the text on show. */
import { contentOf, hasContent } from '../../../src/attention/content';
import type { HeadPlace, KindInfo, Knockout } from '../../../src/attention/types';
import type { WholeView } from '../../../src/protocol/defaultView';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { switchable } from './switchedOff';

type Shown = Pick<WholeView, 'cutLinks'>;

/** Those of the text on show: links are between its tokens. */
export function linksOf({ cutLinks }: Shown, snapshot: ExplanationSnapshot | null): readonly Knockout[] {
  return cutLinks && snapshot && hasContent(cutLinks.of, snapshot.source, snapshot.target) ? cutLinks.links : [];
}

/** What a view keeps of these links. */
export function keptLinks(links: readonly Knockout[], snapshot: ExplanationSnapshot): WholeView['cutLinks'] {
  return links.length === 0 ? null : { of: contentOf(snapshot.source, snapshot.target), links };
}

/** -1: every layer, every head. */
const EVERYWHERE: HeadPlace = { layer: -1, head: -1 };

/**
 * Where a link is cut: in the picked heads, or everywhere. A measure of a whole layer has all of its heads, a rollout all heads.
 */
export function cutPlaces(view: WholeView, info: KindInfo, everywhere: boolean): readonly HeadPlace[] {
  if (everywhere || view.source.type === 'rollout') return [EVERYWHERE];
  if (view.measure === 'contribution') return [{ layer: view.layer, head: -1 }];
  return switchable(view, info);
}

const sameList = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((value, at) => value === other[at]);

export const isSameLink = (one: Knockout, other: Knockout): boolean =>
  one.kind === other.kind &&
  one.layer === other.layer &&
  one.head === other.head &&
  sameList(one.queries, other.queries) &&
  sameList(one.keys, other.keys);

/** Cuts links; joins them again where all of them are cut. */
export function toggledLinks(known: readonly Knockout[], links: readonly Knockout[]): readonly Knockout[] {
  const others = known.filter((one) => !links.some((link) => isSameLink(one, link)));
  return known.length - others.length === links.length ? others : [...others, ...links];
}
