/** Where a reader stands in the lesson: kept over a reload, and what the engine is asked about. One schema for both. */
import * as v from 'valibot';
import { ATTENTION_KINDS } from '../attention/types';

/** What is shown at one place of the model. */
const LESSON_STAGES = [
  'tokens',
  'embedding',
  'position',
  'stream',
  'vectors',
  'scores',
  'mask',
  'softmax',
  'values',
  'heads',
  'projection',
  'residual',
  'feedForward',
  'layerEnd',
  'states',
  'logits',
  'next',
  'loop',
  'forcing',
] as const;

const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fff_ffff));

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

export type LessonStage = (typeof LESSON_STAGES)[number];
export type LessonPlace = Readonly<v.InferOutput<v.ObjectSchema<typeof lessonPlaceEntries, undefined>>>;
