/** Where a reader stands in the lesson: kept over a reload, and what the engine is asked about. One schema for both. */
import * as v from 'valibot';
import { ATTENTION_KINDS } from '../attention/types';
import { index } from './requests/wholeNumbers';

/** The stages that every attention goes through, in the order in which it computes them. */
export const STAGES_OF_ATTENTION = [
  'vectors',
  'scores',
  'mask',
  'softmax',
  'values',
  'heads',
  'projection',
  'residual',
] as const;

/** What is shown at one place of the model. */
const LESSON_STAGES = [
  'tokens',
  'embedding',
  'position',
  'stream',
  ...STAGES_OF_ATTENTION,
  'feedForward',
  'layerEnd',
  'states',
  'logits',
  'next',
  'loop',
  'forcing',
] as const;

export const lessonPlaceEntries = {
  kind: v.picklist(ATTENTION_KINDS),
  stage: v.picklist(LESSON_STAGES),
  layer: index,
  head: index,
  /** The token that is followed: its index in the text that is read (encoder), or in the one that is written. */
  token: index,
  /** Which of a vector's numbers is looked into. */
  feature: index,
} as const;

/** A model of both stacks can be walked through whole, or one of them alone. */
export const LESSON_PATHS = ['whole', 'encoder', 'decoder'] as const;
export type LessonPath = (typeof LESSON_PATHS)[number];

/** A word is short; a whole text is no word. */
export const MOST_WORD = 200;

/** One thing that is changed to see what becomes of it. */
export const lessonPlay = v.union([
  v.pipe(
    v.object({ change: v.literal('head'), kind: v.picklist(ATTENTION_KINDS), layer: index, head: index }),
    v.readonly(),
  ),
  v.pipe(v.object({ change: v.picklist(['mask', 'positions']) }), v.readonly()),
  v.pipe(
    v.object({
      change: v.literal('token'),
      sequence: v.picklist(['source', 'target']),
      index,
      text: v.pipe(v.string(), v.minLength(1), v.maxLength(MOST_WORD)),
    }),
    v.readonly(),
  ),
]);
export type LessonPlay = v.InferOutput<typeof lessonPlay>;

export type LessonStage = (typeof LESSON_STAGES)[number];
export type LessonPlace = Readonly<v.InferOutput<v.ObjectSchema<typeof lessonPlaceEntries, undefined>>>;
