/** Which heads are switched off, and what is known of what they are worth. */
import { contentKey, contentOf } from '../../../src/attention/content';
import type { AttentionKind, HeadRef, KindInfo } from '../../../src/attention/types';
import { shownHeads } from '../../../src/measure/headSets';
import type { WholeView } from '../../../src/protocol/defaultView';
import type { HeadCosts } from '../../../src/protocol/engine';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';

const isSame = (one: HeadRef, other: HeadRef): boolean =>
  one.kind === other.kind && one.layer === other.layer && one.head === other.head;

/** True where this head is among those that are switched off. */
export const isOff = (off: readonly HeadRef[], head: HeadRef): boolean => off.some((one) => isSame(one, head));

/** The picked heads; none for a rollout, and for a measure that takes a layer's heads together. */
export function switchable(view: WholeView, info: KindInfo | undefined): readonly HeadRef[] {
  if (!info || view.source.type === 'rollout' || view.measure === 'contribution') return [];
  return shownHeads(view.source, view, info).map(({ layer, head }) => ({ kind: info.kind, layer, head }));
}

/** Switches heads off; on where all of them are off. */
export function switched(off: readonly HeadRef[], heads: readonly HeadRef[]): readonly HeadRef[] {
  const others = off.filter((one) => !heads.some((head) => isSame(one, head)));
  return heads.every((head) => isOff(off, head)) ? others : [...others, ...heads];
}

/** Those that a model has, and that are on in what is on show. */
export function offWithin(off: readonly HeadRef[], snapshot: ExplanationSnapshot | null): readonly HeadRef[] {
  const kinds = snapshot?.model?.kinds ?? [];
  const known = off.filter(
    (one) =>
      !isOff(snapshot?.intervention?.off ?? [], one) &&
      kinds.some(({ kind, layers, heads }) => kind === one.kind && one.layer < layers && one.head < heads),
  );
  return known.length === off.length ? off : known;
}

/** What heads of the chosen kind are worth to the text on show; null where that is not known. */
export function costsOfText(
  snapshot: ExplanationSnapshot | null,
  kind: AttentionKind,
  costs: HeadCosts | null,
): HeadCosts | null {
  if (!snapshot || costs?.kind !== kind) return null;
  return contentKey(costs.of) === contentKey(contentOf(snapshot.source, snapshot.target)) ? costs : null;
}

/** The largest cost or gain; what the scale of costs ends at. */
export const mostCost = ({ costs }: HeadCosts): number =>
  costs.reduce((most, cost) => (Math.abs(cost) > most ? Math.abs(cost) : most), 0);
