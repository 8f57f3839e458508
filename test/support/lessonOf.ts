/** A station of the lesson as the engine's service gives it, out of its parts. */
import type { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { lessonSet, lessonText } from '../../src/engine/probes/lessonText';
import { checkProbes } from '../../src/engine/probes/probedText';
import type { ModelFiles } from '../../src/protocol/engine';
import type { LessonAnswer } from '../../src/protocol/answers/lessonAnswers';
import type { LessonPlace, LessonPlay } from '../../src/protocol/lessonPlace';

export async function lessonOf(
  { model, sequences }: ComputedExplanation,
  place: LessonPlace,
  files: ModelFiles,
  play?: LessonPlay,
): Promise<LessonAnswer> {
  const set = lessonSet(model, play);
  const graphs =
    model.probes.take(set) ?? (await model.probes.make(set, files, (made) => checkProbes(model, made, model.sample)));
  return lessonText(model, graphs, sequences, place, play);
}
