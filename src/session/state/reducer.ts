/** The next state from the last and what happened. Pure: nothing is asked, nothing is waited for. */
import type { DoneIntervention, GenerationEnd, Intervention } from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { Generated } from '../recipe/recipe';
import type { GenerationOutcome, SessionEvent } from './events';
import {
  EMPTY_PLACE,
  emptySnapshot,
  hasTokens,
  isInPlace,
  shownIn,
  type Explanation,
  type Place,
  type ReadingRun,
  type SessionState,
} from './state';
import { hasPair } from '../subject/textPair';
import { withStep } from '../subject/written';

type Of<Type extends SessionEvent['type']> = Extract<SessionEvent, { readonly type: Type }>;

/** The state after `event`; the same object where nothing is different. What is about an explanation that is gone changes nothing. */
export function reduce(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'place opened':
      return state.places.has(event.place)
        ? state
        : withPlace(state, event.place, { ...EMPTY_PLACE, isPin: event.isPin });
    case 'place closed':
      return withoutPlace(state, event.place);
    case 'pinned':
      return pinned(state, event);
    case 'shown again':
      return shownAgain(state, event);
    case 'read begun':
      return readBegun(state, event);
    case 'read progress':
      return withRun(state, event.place, ({ status }) => (status === 'loading' ? { progress: event.progress } : {}));
    case 'tokens':
      return withRun(state, event.place, ({ id }) =>
        id === event.explanation ? { early: { source: event.source, target: event.target } } : {},
      );
    case 'model loaded':
      return withRun(state, event.place, () => ({
        model: event.model,
        provider: event.provider,
        status: 'encoding',
        progress: null,
      }));
    case 'read':
      return read(state, event);
    case 'not read':
      return notRead(state, event);
    case 'refused':
      return refused(state, event);
    case 'chat left':
      return withExplanation(state, event.explanation, ({ subject }) => ({
        subject: subject && { ...subject, reading: { ...subject.reading, chat: false } },
      }));
    case 'generation begun':
      return withSnapshot(state, event.explanation, () => ({ status: 'generating', error: null, end: null }));
    case 'step':
      // A step that does not follow what is known belongs to a generation that was replaced since.
      return withSnapshot(state, event.explanation, ({ target, steps }) =>
        event.step.index === target.length ? withStep({ steps, target }, event) : undefined,
      );
    case 'beams':
      return withSnapshot(state, event.explanation, ({ status }) =>
        status === 'generating' ? { beams: event.sofar } : undefined,
      );
    case 'generated':
      return withSnapshot(state, event.explanation, (known) => ({
        target: sameStart(known.target, event.result.target),
        steps: sameStart(known.steps, event.result.steps),
        beams: event.result.beams,
      }));
    case 'guided':
      return withExplanation(state, event.explanation, ({ subject, snapshot }) => ({
        subject: subject && { ...subject, guidance: { ...subject.guidance, ...event.by } },
        snapshot: event.by.decoding === undefined ? snapshot : { ...snapshot, decoding: event.by.decoding },
      }));
    case 'generation ended':
      return withExplanation(state, event.explanation, (known) => generationEnded(known, event));
    case 'text changed':
      return withSnapshot(state, event.explanation, ({ stale }) =>
        stale === event.stale ? undefined : { stale: event.stale },
      );
    case 'renamed':
      return withExplanation(state, event.explanation, ({ subject, snapshot }) => ({
        subject: subject && {
          ...subject,
          explained: { ...subject.explained, uri: event.uri, title: event.title },
        },
        snapshot: { ...snapshot, title: event.title },
      }));
  }
}

/** What a place is from now on, with an explanation that it may bring. What it lets go of is forgotten, unless another place holds it. */
function withPlace(state: SessionState, name: string, place: Place, brought?: Explanation): SessionState {
  return forgotten(state.places.get(name), {
    places: new Map(state.places).set(name, place),
    explanations: brought ? new Map(state.explanations).set(brought.id, brought) : state.explanations,
  });
}

function withoutPlace(state: SessionState, name: string): SessionState {
  const place = state.places.get(name);
  if (!place) return state;
  const places = new Map(state.places);
  places.delete(name);
  return forgotten(place, { ...state, places });
}

/** The state without the explanations that a place had and that no place has any more. */
function forgotten(before: Place | undefined, { places, explanations }: SessionState): SessionState {
  const held = new Set([...places.values()].flatMap(({ shows, before: back }) => [shows, back]));
  const gone = [before?.shows, before?.before].filter((id) => typeof id === 'string' && !held.has(id));
  if (gone.length === 0) return { places, explanations };
  return { places, explanations: new Map([...explanations].filter(([id]) => !gone.includes(id))) };
}

/** The explanation that is pinned takes the place of what was pinned before. One that has no tokens yet is not worth keeping. */
function pinned(state: SessionState, { place: name, explanation }: Of<'pinned'>): SessionState {
  const known = state.explanations.get(explanation);
  if (!known || !hasTokens(known) || state.places.get(name)?.shows === explanation) return state;
  return withPlace(state, name, { isPin: true, shows: explanation, before: null, run: null });
}

/** What is kept in another place is on show here; what was shown before is forgotten. */
function shownAgain(state: SessionState, { place: name, explanation }: Of<'shown again'>): SessionState {
  if (!state.explanations.has(explanation) || !state.places.has(name)) return state;
  return withPlace(state, name, { ...EMPTY_PLACE, shows: explanation });
}

function withExplanation(
  state: SessionState,
  id: string,
  change: (known: Explanation) => Partial<Explanation> | undefined,
): SessionState {
  const known = state.explanations.get(id);
  const changed = known && change(known);
  if (!changed) return state;
  return { ...state, explanations: new Map(state.explanations).set(id, { ...known, ...changed }) };
}

function withSnapshot(
  state: SessionState,
  id: string,
  change: (known: ExplanationSnapshot) => Partial<ExplanationSnapshot> | undefined,
): SessionState {
  return withExplanation(state, id, ({ snapshot }) => {
    const changed = change(snapshot);
    return changed && { snapshot: { ...snapshot, ...changed } };
  });
}

function withRun(state: SessionState, name: string, change: (run: ReadingRun) => Partial<ReadingRun>): SessionState {
  const place = state.places.get(name);
  return place?.run ? withPlace(state, name, { ...place, run: { ...place.run, ...change(place.run) } }) : state;
}

/** A place that is about to show something else keeps what it has, if that has tokens, until the new text has some too. */
function readBegun(
  state: SessionState,
  { place: name, id, subject, replay, progress }: Of<'read begun'>,
): SessionState {
  const place = state.places.get(name);
  if (!place) return state;
  const shown = shownIn(state, name);
  const inPlace = isInPlace(shown, subject);
  const run: ReadingRun = {
    id,
    subject,
    replay,
    inPlace,
    status: 'loading',
    progress,
    early: null,
    model: null,
    provider: null,
  };
  if (inPlace) return withPlace(state, name, { ...place, shows: shown?.id ?? null, before: null, run });
  const keeps = shown !== null && hasTokens(shown);
  const begun = { id, subject, snapshot: emptySnapshot(id, subject.explained.title), replay };
  return withPlace(state, name, { ...place, shows: id, before: keeps ? shown.id : null, run }, begun);
}

/** The text's tokens are there: its explanation is on show, and what it takes the place of is forgotten. */
function read(state: SessionState, { place: name, encoded, chat, load }: Of<'read'>): SessionState {
  const place = state.places.get(name);
  if (!place?.run) return state;
  const { id, subject, replay, model, provider } = place.run;
  const { window, source, target, fills, answer = null, intervention = null } = encoded;
  const masked = fills.filter(({ original }) => original !== null).map(({ index }) => index);
  // An edit, or another name, may have come while the text was read.
  const shown = shownIn(state, name);
  const explained = shown?.subject?.explained ?? subject.explained;
  const snapshot: ExplanationSnapshot = {
    ...emptySnapshot(id, explained.title),
    status: model?.family === 'encoder-only' ? 'done' : 'encoding',
    stale: shown?.snapshot.stale ?? false,
    model,
    provider,
    window,
    source,
    target,
    fills,
    answer,
    masked,
    chat,
    specialsAsText: subject.reading.specialsAsText,
    pair: hasPair(explained, model) ? subject.reading.pair : null,
    intervention,
    timings: { load, encode: encoded.milliseconds, generate: 0 },
  };
  const reading = { ...subject.reading, masked, intervention: intervention && keptOf(intervention) };
  const known = { id, subject: { ...subject, explained, reading }, snapshot, replay };
  return withPlace(state, name, { ...place, shows: id, before: null, run: null }, known);
}

/** The pieces are in the snapshot alone: of the text nothing is kept. */
const keptOf = ({ ranges, manner, off }: DoneIntervention): Intervention => ({ ranges, manner, off });

/** What was on show before comes back, with the error; where there was nothing, the empty explanation says it. */
function notRead(state: SessionState, { place: name, error }: Of<'not read'>): SessionState {
  const place = state.places.get(name);
  if (!place?.run) return state;
  const back = place.run.inPlace ? place.shows : place.before;
  if (back === null) {
    const ended = withPlace(state, name, { ...place, run: null });
    const { model, provider } = place.run;
    return withSnapshot(ended, place.run.id, () => ({
      status: error ? 'failed' : 'paused',
      error,
      progress: null,
      model,
      provider,
    }));
  }
  const restored = withPlace(state, name, { ...place, shows: back, before: null, run: null });
  return error ? withSnapshot(restored, back, () => ({ error })) : restored;
}

function refused(state: SessionState, { place: name, id, title, error }: Of<'refused'>): SessionState {
  const place = state.places.get(name);
  if (!place) return state;
  const shown = shownIn(state, name);
  if (shown)
    return withSnapshot(state, shown.id, () => ({
      error,
      status: hasTokens(shown) ? shown.snapshot.status : 'failed',
    }));
  const snapshot: ExplanationSnapshot = { ...emptySnapshot(id, title), status: 'failed', error };
  return withPlace(
    state,
    name,
    { ...place, shows: id, before: null, run: null },
    { id, subject: null, snapshot, replay: null },
  );
}

function generationEnded(
  { snapshot, replay }: Explanation,
  { outcome, milliseconds }: Of<'generation ended'>,
): Partial<Explanation> {
  const timings = { ...snapshot.timings, generate: milliseconds };
  return {
    snapshot: { ...snapshot, timings, ...statusAfter(outcome) },
    replay: leftAfter(outcome, replay),
  };
}

/** What is still to be come to: nothing once it is there; what was stopped by the user goes on from what is on show. */
function leftAfter(outcome: GenerationOutcome, before: Generated | null): Generated | null {
  switch (outcome.type) {
    case 'ended':
      return null;
    case 'stopped':
      return outcome.left;
    case 'refused':
      return before;
    case 'failed':
      return outcome.goal;
  }
}

/** Nothing goes on after the model's own end, where it takes no more tokens, or where a search is over. */
const isLast = (end: GenerationEnd): boolean => end === 'end-of-sequence' || end === 'full' || end === 'beam';

function statusAfter(outcome: GenerationOutcome): Pick<ExplanationSnapshot, 'status'> & Partial<ExplanationSnapshot> {
  switch (outcome.type) {
    case 'ended':
      return { status: isLast(outcome.end) ? 'done' : 'paused', end: outcome.end };
    case 'stopped':
      return { status: 'paused', end: 'stopped' };
    case 'refused':
      return { ...outcome.before, error: outcome.error };
    case 'failed':
      return { status: 'failed', error: outcome.error, progress: null };
  }
}

/** The newer list, with the items that are known already where they stand for the same: then only what is new is told. */
function sameStart<Item>(known: readonly Item[], next: readonly Item[]): readonly Item[] {
  let same = 0;
  while (same < known.length && same < next.length && JSON.stringify(known[same]) === JSON.stringify(next[same]))
    same++;
  return same === known.length && same === next.length ? known : [...known.slice(0, same), ...next.slice(same)];
}
