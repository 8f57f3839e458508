/** A link to a station of the lesson: its place as the query of a URI, which anybody may have written. */
import * as v from 'valibot';
import { lessonPlaceEntries, type LessonPlace } from './lessonPlace';

/** The path of such a link, behind the extension's own name. */
export const LESSON_PATH = '/lesson';

const place = v.object({ ...lessonPlaceEntries, feature: v.optional(lessonPlaceEntries.feature, 0) });

/** Which number is looked into is left out: it is no place that one goes to. */
export const lessonQuery = ({ kind, stage, layer, head, token }: LessonPlace): string =>
  Object.entries({ kind, stage, layer, head, token })
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

/** A place from what a command was given; undefined where it is none. */
export function lessonPlaceOf(value: unknown): LessonPlace | undefined {
  const read = v.safeParse(place, value);
  return read.success ? read.output : undefined;
}

/** @param query of a link, without its `?` */
export function lessonPlaceIn(query: string): LessonPlace | undefined {
  const { kind, stage, ...numbers } = Object.fromEntries(new URLSearchParams(query));
  const counted = Object.entries(numbers).map(([name, text]) => [name, /^\d{1,10}$/.test(text) ? Number(text) : NaN]);
  return lessonPlaceOf({ kind, stage, ...Object.fromEntries(counted) });
}
