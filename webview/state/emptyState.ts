/** What an app has of the parts that it does not ask for. */
import { MEASURES } from '../../src/measure/measure';
import type { Answered, AttributionState, LessonState, MeasureState } from './appState';

/** The measure of the generation view, which shows no attention. */
export const WEIGHTS_ONLY: { readonly measure: MeasureState } = {
  measure: { chosen: 'weight', shown: MEASURES.weight, making: null, gap: '' },
};
export const NO_LESSON: LessonState = { lesson: null, lessonRuns: false, lessonAbsent: [] };
export const NO_ATTRIBUTION: AttributionState = { attribution: null };
export const NOTHING_ANSWERED: Answered = {
  map: null,
  atlas: null,
  weights: null,
  roles: null,
  without: null,
  alignment: null,
  lens: null,
};
