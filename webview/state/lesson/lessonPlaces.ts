/** Where the lesson begins, and where it goes from a station to another one. */
import type { AttentionKind } from '../../../src/attention/types';
import { followed, lessonPartsOf, type Part, type Station } from '../../../src/lesson/stations';
import type { LessonPlace } from '../../../src/protocol/lessonPlace';
import { kindInfo, kindsOf, type SetState } from '../appState';

type Shown = Pick<SetState, 'snapshot' | 'view'>;

/** The parts of the path that is walked: of the whole model, or of one of its stacks. */
export function partsIn({ snapshot, view }: Shown): readonly Part[] {
  if (!snapshot?.model) return [];
  const parts = lessonPartsOf(snapshot.model.family, kindsOf(snapshot));
  const path = snapshot.model.family === 'encoder-decoder' ? view.lessonPath : 'whole';
  return parts.filter(({ kind }) => path === 'whole' || (path === 'encoder') === (kind === 'encoder'));
}

export const stationsIn = (state: Shown): readonly Station[] =>
  partsIn(state).flatMap(({ kind, stages }) => stages.map((stage) => ({ kind, stage })));

const isAt = (place: Station, { kind, stage }: Station): boolean => place.kind === kind && place.stage === stage;

export const stationIndex = (state: Shown, place: Station): number =>
  stationsIn(state).findIndex((station) => isAt(station, place));

/** Within what the model and the text have: a restored place may be of another text. */
export function placeWithin(state: Shown, wanted: LessonPlace): LessonPlace {
  const { snapshot } = state;
  const stations = stationsIn(state);
  const station = stations.find((one) => isAt(wanted, one)) ?? stations[0];
  const place = { ...wanted, ...station };
  const info = kindsOf(snapshot).find(({ kind }) => kind === place.kind);
  const length = snapshot?.[followed(place.kind)].length ?? 0;
  return {
    ...place,
    layer: Math.max(0, Math.min(place.layer, (info?.layers ?? 1) - 1)),
    head: Math.max(0, Math.min(place.head, (info?.heads ?? 1) - 1)),
    token: Math.max(0, Math.min(place.token, length - 1)),
  };
}

/** The lesson's first station, with the head that is on show and the focused token, or one in the middle of the text. */
export function firstPlace(state: Shown & Pick<SetState, 'focus'>): LessonPlace {
  const { snapshot, view, focus } = state;
  const [first = { kind: 'encoder' as const, stage: 'tokens' as const }] = stationsIn(state);
  const sequence = followed(first.kind);
  const length = snapshot?.[sequence].length ?? 1;
  const token = focus?.sequence === sequence ? (focus.indices[0] ?? 0) : Math.min(3, Math.max(0, length - 1));
  const { layer, head } = kindInfo(snapshot, view.kind)?.kind === first.kind ? view : { layer: 0, head: 0 };
  return placeWithin(state, { ...first, layer, head, token, feature: 0 });
}

/** The same layer, head and token at another station; of another text the token that was followed there is not this one. */
export function placeAt(state: Shown, from: LessonPlace, to: Station): LessonPlace {
  const other = (kind: AttentionKind): boolean => followed(kind) !== followed(from.kind);
  const token = other(to.kind)
    ? Math.max(0, Math.min(3, (state.snapshot?.[followed(to.kind)].length ?? 1) - 2))
    : from.token;
  return placeWithin(state, { ...from, ...to, token, feature: 0 });
}
