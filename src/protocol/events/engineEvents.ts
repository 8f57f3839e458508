/** What the engine's worker tells by itself: one schema an event, from which its type comes. */
import * as v from 'valibot';
import { many, measured, record, token } from '../answers/answerParts';
import { explanation, probedMeasure } from '../requests/requestParts';
import { count } from '../requests/wholeNumbers';
import { costsOfHeads, leftOutCosts } from '../answers/ablationAnswers';
import { beamReport } from '../answers/beamAnswers';
import { decoderStep } from '../answers/generationAnswers';
import { passedTrial } from '../passedTrial';

/** For a progress line: 0 to 1, or -1 where it is unknown. */
const fraction = measured;

export const ENGINE_EVENTS = {
  /** The first word of a worker. It holds this lock (Web Locks) for as long as it lives; null where the origin has no locks. */
  alive: record({ lock: v.nullable(v.string()) }),
  /** Loading and running. */
  progress: record({ phase: v.string(), fraction }),
  /** A measure is being made. */
  measuring: record({ explanation, measure: probedMeasure, fraction }),
  /** What is known so far of what heads are worth. */
  costs: record({ explanation, sofar: costsOfHeads }),
  /** What is known so far of what pieces of the input are worth. */
  leftOut: record({ explanation, sofar: leftOutCosts }),
  /** What a search has found so far. */
  beams: record({ explanation, sofar: beamReport }),
  /** `completed` takes the place of the tokens just before: this one completes a character that they have bytes of. */
  step: record({ explanation, step: decoderStep, token, completed: v.exactOptional(many(token)) }),
  /** The tokens that a text has in the model that is being loaded, before it is there: what `explain` gives takes their place. */
  tokens: record({ explanation, source: many(token), target: many(token) }),
  /** A model has passed its self-test. */
  tested: passedTrial,
  /** Moments of loading and reading, for the bench. */
  marks: record({ marks: many(record({ name: v.string(), time: measured })) }),
  /** A session is being made of so many bytes, and the worker hears nothing until it is: until 0 bytes are told of. */
  making: record({ bytes: count }),
  /** The GPU device was lost; the worker must be replaced. */
  lost: record({ message: v.string() }),
} as const;

export type EngineEvents = {
  readonly [Event in keyof typeof ENGINE_EVENTS]: v.InferOutput<(typeof ENGINE_EVENTS)[Event]>;
};
