import type { DecoderStep, EngineEvents } from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { ModelRef } from '../models/modelSources';
import type { Recipe } from './recipe';
import type { SelectedText } from '../editor/selection';

/** What is explained and how: enough to do it again while the text is at hand. */
export interface Subject {
  readonly selected: SelectedText;
  readonly model: ModelRef;
  readonly hash: string;
  readonly windowStart: number;
  readonly masked: readonly number[];
  readonly chat: boolean;
  readonly specialsAsText: boolean;
  readonly forced: Recipe['forced'];
  readonly branches: Recipe['branches'];
}

/** How far a text was generated, and by what beside the model's own choices. */
export type Generated = Pick<Recipe, 'forced' | 'branches' | 'steps'>;

/** A generation of which every token is the model's own choice. */
export const UNGUIDED = { forced: null, branches: [] } as const satisfies Partial<Subject>;

/** One explanation on show: its snapshot, and its weights in the engine under the snapshot's id. */
export interface Shown {
  /** null where not even the text could be had (a panel restored for a document that is gone). */
  readonly subject: Subject | null;
  readonly snapshot: ExplanationSnapshot;
  /** What is to be generated again: another try starts from it where this one fails before it is there. */
  readonly replay?: Generated | undefined;
}

/** What to keep so that an explanation can be computed again. */
export function recipeOf(
  { selected, model, hash, windowStart, masked, chat, specialsAsText, forced, branches }: Subject,
  { steps }: ExplanationSnapshot,
): Recipe {
  return {
    version: 1,
    modelId: model.id,
    uri: selected.uri.toString(),
    start: selected.start,
    end: selected.end,
    hash,
    windowStart,
    masked,
    chat,
    specialsAsText,
    forced,
    branches,
    steps: steps.length,
  };
}

/** How to come to `steps` steps again, by what the user made of them. */
export function generatedBy({ forced, branches }: Subject, steps: number): Generated {
  return { forced, branches, steps };
}

/** A snapshot's generation with one more step; tokens before it may read otherwise now, as it completes their character. */
export function withStep(
  { steps, target }: ExplanationSnapshot,
  { step, token, completed = [] }: EngineEvents['step'],
): Pick<ExplanationSnapshot, 'steps' | 'target'> {
  const from = target.length - completed.length;
  const read = steps.map((one): DecoderStep => {
    const now = completed[one.index - from];
    return now ? { ...one, chosen: { ...one.chosen, text: now.text, ...(now.parts && { parts: now.parts }) } } : one;
  });
  return { steps: [...read, step], target: [...target.slice(0, from), ...completed, token] };
}

/** True where both are about the same selection, read by the same model. */
export function isSameText(one: Subject | null | undefined, other: Subject): boolean {
  return one?.selected === other.selected && one.model.id === other.model.id;
}

export function hasTokens({ snapshot }: Shown): boolean {
  return snapshot.source.length + snapshot.target.length > 0;
}

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
    steps: [],
    fills: [],
    masked: [],
    chat: false,
    specialsAsText: false,
    end: null,
    timings: { load: 0, encode: 0, generate: 0 },
  };
}
