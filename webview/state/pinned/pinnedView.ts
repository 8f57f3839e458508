/** Which of its explanations and heads a page shows as the pinned one. */
import type { KindInfo, MapRef } from '../../../src/attention/types';
import { sourceKey } from '../../../src/measure/source';
import type { WholeView } from '../../../src/protocol/defaultView';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { kindInfo, validView, type SetState } from '../appState';

type Set = Pick<SetState, 'pinned' | 'snapshot' | 'view'>;

/** The pinned explanation: it may be the one on show itself. Null where nothing is pinned. */
export function pinnedSnapshot({ pinned, snapshot }: Set): ExplanationSnapshot | null {
  if (!pinned) return null;
  return pinned.snapshot ?? (snapshot?.id === pinned.id ? snapshot : null);
}

/** By which heads the pinned one is read: one text beside itself is read as it was pinned, another one as what is on show. */
export function pinnedHeads({ pinned, snapshot, view }: Set): 'shown' | 'own' {
  // The heads of another kind of attention cannot stand in.
  if (pinned?.map.kind !== view.kind) return 'shown';
  const { heads } = view.compare;
  if (heads !== 'suited') return heads;
  return pinned.id === snapshot?.id ? 'own' : 'shown';
}

/** The view as the pinned one is shown in it, with layer and head inside what its model has. */
export function pinnedView(state: Set): WholeView {
  const { view, pinned } = state;
  const own = pinned && pinnedHeads(state) === 'own' ? pinned.map : {};
  // What is computed for the text on show alone is not computed for the pinned one.
  return validView(pinnedSnapshot(state), { ...view, ...own, off: [], lens: null, lesson: null });
}

type Place = Pick<MapRef, 'layer' | 'head' | 'source'>;

/** True where two maps are of the same heads. */
export const isSamePlace = (one: Place, other: Place): boolean =>
  one.layer === other.layer && one.head === other.head && sourceKey(one.source) === sourceKey(other.source);

/** True where the pinned model has fewer layers or heads than are on show, so that another head stands in for the chosen one. */
export function isStandIn(state: Set): boolean {
  const info: KindInfo | undefined = kindInfo(pinnedSnapshot(state), state.view.kind);
  if (!info || info.kind !== state.view.kind || pinnedHeads(state) === 'own') return false;
  return !isSamePlace(pinnedView(state), state.view);
}
