/** Which numbers of a station are others than the model's own, once something was changed. */
import type { LessonAnswer } from '../../../src/protocol/answers/lessonAnswers';

/** Rounding is no change. */
const SAME = 1e-5;

export const isChanged = (now: number, before: number): boolean => !(Math.abs(now - before) <= SAME) && now !== before;

/** The tensor as it was; undefined where nothing was changed, or the number of its numbers. */
export function beforeOf({ tensors, before }: LessonAnswer, name: string): Float32Array | undefined {
  const now = tensors.find((tensor) => tensor.name === name);
  const then = before.find((tensor) => tensor.name === name);
  return now && then?.data.length === now.data.length ? then.data : undefined;
}

export function changedNumbers(answer: LessonAnswer): { readonly changed: number; readonly all: number } {
  let changed = 0;
  let all = 0;
  for (const { name, data } of answer.tensors) {
    const before = beforeOf(answer, name);
    if (!before) continue;
    all += data.length;
    data.forEach((value, index) => {
      if (isChanged(value, before[index] ?? 0)) changed++;
    });
  }
  return { changed, all };
}
