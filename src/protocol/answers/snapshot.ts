/** An explanation without its weights, as webviews know it: it travels whole once, and then as what changed. */
import * as v from 'valibot';
import { errorValue, many, measured, record, token } from './answerParts';
import { count } from '../requests/wholeNumbers';
import { decodingSettings } from '../decodingSettings';
import { pairOrder } from '../requests/panelRequests';
import { beamReport } from './beamAnswers';
import { decoderStep, generationEnd } from './generationAnswers';
import { modelReport } from './modelAnswers';
import { providerReport } from './runtimeAnswers';
import { answerOfTask } from './taskAnswers';
import { doneIntervention, maskFill, textWindow } from './textAnswers';

const explanationStatus = v.picklist([
  'loading', // runtime or model
  'encoding',
  'generating',
  'paused', // generation stopped by the user, by a step, or by the limit; can go on
  'done', // end of sequence (or nothing to generate)
  'failed', // see `error`; what was computed before it stays
]);

/** Grows with every change; a change says which revision it follows, and a webview that has another asks for the whole. */
const revision = count;

/** What can change in an explanation. */
const changing = {
  status: explanationStatus,
  progress: v.nullable(record({ phase: v.string(), fraction: measured })),
  error: v.nullable(errorValue),
  /** File name and line range, for the heading. */
  title: v.string(),
  /** True once the explained text was edited: the panel goes on, the editor is no longer coloured. */
  stale: v.boolean(),
  model: v.nullable(modelReport),
  provider: v.nullable(providerReport),
  window: v.nullable(textWindow),
  source: many(token),
  target: many(token),
  /** True while these tokens are the tokenizer's alone, as the model is still being loaded: there are no weights of them. */
  early: v.boolean(),
  steps: many(decoderStep),
  /** The beam search that the text is of; null where there was none. */
  beams: v.nullable(beamReport),
  fills: many(maskFill),
  /** What a model with a task head answers about the text; null of others. */
  answer: v.nullable(answerOfTask),
  /** Tokens of `source` that the user masked, in order; masks that were typed are not among them. */
  masked: many(count),
  /** True where the text stands in the model's chat template. */
  chat: v.boolean(),
  /** True where special tokens that are typed in the text are read as text. */
  specialsAsText: v.boolean(),
  /** How two selections are read by this model; null where there are not two, or it reads no pairs. */
  pair: v.nullable(pairOrder),
  /** What of the text is left out; null where it is read as it stands. */
  intervention: v.nullable(doneIntervention),
  /** The user's settings of how tokens are chosen; null where the likeliest is taken, by the model's own rules. */
  decoding: v.nullable(decodingSettings),
  end: v.nullable(generationEnd),
  timings: record({ load: measured, encode: measured, generate: measured }),
};

/** Everything about an explanation except its weights. */
export const explanationSnapshot = record({ id: v.string(), revision, ...changing });

/** Any of these, and none that is undefined, as `v.partial` would have it. */
const ofThese = Object.fromEntries(
  Object.entries(changing).map(([name, schema]) => [name, v.exactOptional(schema as v.GenericSchema)]),
) as { readonly [Name in keyof typeof changing]: v.ExactOptionalSchema<(typeof changing)[Name], undefined> };

/** What changed in an explanation from one revision to a later one. */
const snapshotChange = record({
  explanation: v.string(),
  /** The revision that this follows, and the one that it leads to. */
  from: revision,
  revision,
  /** Fields that have another value now. */
  set: record(ofThese),
  /** What was added to the end of these two, which stream in; left out where nothing was. */
  append: record({ target: v.exactOptional(changing.target), steps: v.exactOptional(changing.steps) }),
});

/** What a webview is told about the explanation that it shows: all of it once, and from then on what changes. */
export const explanationNews = v.variant('type', [
  record({ type: v.literal('whole'), snapshot: v.nullable(explanationSnapshot) }),
  record({ type: v.literal('change'), change: snapshotChange }),
]);

export type ExplanationStatus = v.InferOutput<typeof explanationStatus>;
export type ExplanationSnapshot = v.InferOutput<typeof explanationSnapshot>;
export type SnapshotChange = v.InferOutput<typeof snapshotChange>;
export type ExplanationNews = v.InferOutput<typeof explanationNews>;
