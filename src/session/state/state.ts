/** All explanations by id, and the places (panels) that show them. Plain data: the reducer makes the next from the last. */
import type { ModelReport, ProviderReport } from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { Generated } from '../recipe/recipe';
import { isSameText, type Subject } from '../subject/subject';

/** One explanation: what it is of, and all that is known of it but its weights, which are in the engine under its id. */
export interface Explanation {
  readonly id: string;
  /** null where not even the text could be had (a panel restored for a document that is gone). */
  readonly subject: Subject | null;
  /** As its own run left it; what a place shows may be overlaid by the reading of another (see `snapshotIn`). */
  readonly snapshot: ExplanationSnapshot;
  /** What is to be generated again: another try starts from it where this one ends before it is there. */
  readonly replay: Generated | null;
}

/** A text that is being read for a place: from loading the model until its tokens are there. */
export interface ReadingRun {
  /** The explanation that comes of it. */
  readonly id: string;
  readonly subject: Subject;
  readonly replay: Generated | null;
  /** True where the place goes on showing the same text's earlier reading until this one is there. */
  readonly inPlace: boolean;
  readonly status: 'loading' | 'encoding';
  readonly progress: ExplanationSnapshot['progress'];
  /** The text's tokens where they are known before the model is there. */
  readonly early: Pick<ExplanationSnapshot, 'source' | 'target'> | null;
  readonly model: ModelReport | null;
  readonly provider: ProviderReport | null;
}

/** A panel, open or closed for now, with the explanation that it shows; or what a panel keeps pinned beside that. */
export interface Place {
  /** True for what is pinned. It may be what the panel shows too: a request about that is the panel's then. */
  readonly isPin: boolean;
  readonly shows: string | null;
  /** What comes back where the run on show ends before it has tokens. */
  readonly before: string | null;
  readonly run: ReadingRun | null;
}

export interface SessionState {
  readonly explanations: ReadonlyMap<string, Explanation>;
  readonly places: ReadonlyMap<string, Place>;
}

export const EMPTY_STATE: SessionState = { explanations: new Map(), places: new Map() };
export const EMPTY_PLACE: Place = { isPin: false, shows: null, before: null, run: null };

export function emptySnapshot(id: string, title: string): ExplanationSnapshot {
  return {
    id,
    revision: 0,
    status: 'loading',
    progress: null,
    error: null,
    title,
    stale: false,
    model: null,
    provider: null,
    window: null,
    source: [],
    target: [],
    early: false,
    steps: [],
    beams: null,
    fills: [],
    answer: null,
    masked: [],
    chat: false,
    specialsAsText: false,
    pair: null,
    intervention: null,
    decoding: null,
    end: null,
    timings: { load: 0, encode: 0, generate: 0 },
  };
}

export function hasTokens({ snapshot }: Explanation): boolean {
  return snapshot.source.length + snapshot.target.length > 0;
}

/** The explanation that a place shows. */
export function shownIn(state: SessionState, place: string): Explanation | null {
  const id = state.places.get(place)?.shows;
  return (id === null || id === undefined ? undefined : state.explanations.get(id)) ?? null;
}

/** Where an explanation is on show, or else pinned; undefined where it was replaced. */
export function placeOf({ places }: SessionState, explanation: string): string | undefined {
  const shown = [...places].filter(([, { shows }]) => shows === explanation);
  return (shown.find(([, { isPin }]) => !isPin) ?? shown[0])?.[0];
}

/** What a place shows: its explanation, with the progress of what is being read for it. The revision is the publisher's. */
export function snapshotIn(state: SessionState, place: string): ExplanationSnapshot | null {
  const shown = shownIn(state, place);
  const run = state.places.get(place)?.run;
  if (!shown || !run) return shown?.snapshot ?? null;
  const { status, progress } = run;
  const reading = { ...shown.snapshot, status, progress, error: null };
  return run.inPlace
    ? reading
    : {
        ...reading,
        ...(run.early && { ...run.early, early: true }),
        model: run.model ?? reading.model,
        provider: run.provider ?? reading.provider,
      };
}

/** Whether a new reading may leave what is on show in sight until it is there: the same text, read in another way. */
export function isInPlace(shown: Explanation | null, subject: Subject): boolean {
  return shown !== null && hasTokens(shown) && isSameText(shown.subject, subject);
}
