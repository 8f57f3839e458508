/** Keeps the lesson's station in step with where the reader stands: asked for when it is looked at, kept under what it is of. */
import { computed, effect, signal } from '@preact/signals-core';
import { contentKey, contentOf } from '../../../src/attention/content';
import { isAbort } from '../../../src/errors';
import { needsNumbers } from '../../../src/lesson/stations';
import type { LessonAnswer } from '../../../src/protocol/answers/lessonAnswers';
import type { LessonPlace, LessonPlay } from '../../../src/protocol/lessonPlace';
import type { PanelApi } from '../../../src/protocol/panel';
import { askedTokensOf, createAnswers, presentText, type AskedTokens, type PresentText } from '../asked/answers';
import { isAtRest, type LessonState, type SetState } from '../appState';
import { placeAt, placeWithin, stationIndex, stationsIn } from './lessonPlaces';
import { createLoader } from '../asked/loader';
import { derived } from '../store';

const CACHE_BYTES = 16 << 20;

export interface LessonData {
  readonly state: LessonState;
  /** Stops what runs; the station asks again when the reader comes back to it. */
  cancel(): void;
  dispose(): void;
}

/** A place, and what is changed for it. */
type Wanted = LessonPlace & { readonly play?: LessonPlay };

const nameOf = (wanted: Wanted): string => JSON.stringify(wanted);

const keyOf = ({ id, source, target }: PresentText, place: Wanted): string =>
  `${id}/${contentKey(contentOf(source, target))}/${nameOf(place)}`;

/** @param told called with what failed, and with null when something has come back */
export function loadLesson(
  state: Readonly<SetState>,
  api: Pick<PanelApi, 'lesson'>,
  told: (reason: unknown) => void,
): LessonData {
  const answers = createAnswers<LessonAnswer>(CACHE_BYTES, ({ tensors, before }) =>
    [...tensors, ...before].reduce((sum, { data }) => sum + data.byteLength, 0),
  );
  const running = signal(false);
  /** Only a text that is at rest is walked through: while tokens come each of them would ask again. */
  const standing = computed((): Wanted | undefined => {
    const { snapshot, view } = state;
    const place = view.lesson && placeWithin(state, view.lesson);
    if (!isAtRest(snapshot) || !place) return undefined;
    return view.lessonPlay ? { ...place, play: view.lessonPlay } : place;
  });
  const wanted = computed(() => (standing.value && needsNumbers(standing.value.stage) ? standing.value : undefined));
  const text = computed(() => presentText(state.snapshot));
  type Asked = Wanted & AskedTokens;
  const loader = createLoader<Asked, LessonAnswer>(
    async (request, abort) => {
      running.value = true;
      return api.lesson(request, abort);
    },
    (answer, { explanation, of, ...place }) => {
      running.value = false;
      answers.put({ explanation, of }, nameOf(place), answer);
      told(null);
    },
    (reason) => {
      running.value = false;
      if (!isAbort(reason)) told(reason);
    },
  );
  const lesson = computed(() => {
    const present = text.value;
    return (present && wanted.value && answers.exact(present, nameOf(wanted.value))) ?? null;
  });
  /** The station after this one, which most readers go to: asked for ahead, so that it is there at once. */
  const following = computed((): Wanted | undefined => {
    const present = standing.value;
    if (!present || (wanted.value && !lesson.value)) return undefined;
    const next = stationsIn(state)[stationIndex(state, present) + 1];
    if (!next || !needsNumbers(next.stage)) return undefined;
    return { ...placeAt(state, present, next), ...(present.play && { play: present.play }) };
  });
  const ahead = createLoader<Asked, LessonAnswer>(
    (request, abort) => api.lesson(request, abort),
    (answer, { explanation, of, ...place }) => answers.put({ explanation, of }, nameOf(place), answer),
    // Nobody has asked for it yet; who goes there asks again, and is told then.
    () => undefined,
  );
  const absent = computed(() => (text.value && answers.newest(text.value, () => true)?.absent) ?? []);
  const stop = effect(() => {
    const present = text.value;
    const place = wanted.value;
    if (!present || !place || lesson.value) {
      loader.cancel();
      running.value = false;
      return;
    }
    loader.request(keyOf(present, place), { ...place, ...askedTokensOf(present) });
  });
  const stopAhead = effect(() => {
    const present = text.value;
    const place = following.value;
    if (!present || !place || answers.exact(present, nameOf(place))) ahead.cancel();
    else ahead.request(keyOf(present, place), { ...place, ...askedTokensOf(present) });
  });
  return {
    state: derived<LessonState>({
      lesson: () => lesson.value,
      lessonRuns: () => running.value,
      lessonAbsent: () => absent.value,
    }),
    cancel() {
      loader.cancel();
      running.value = false;
    },
    dispose() {
      stop();
      stopAhead();
      loader.cancel();
      ahead.cancel();
    },
  };
}
