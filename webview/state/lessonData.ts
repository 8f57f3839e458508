/** Keeps the lesson's station in step with where the reader stands: asked for when it is looked at, kept under what it is of. */
import { computed, effect, signal } from '@preact/signals-core';
import { contentKey, contentOf } from '../../src/attention/content';
import { isAbort } from '../../src/errors';
import { needsNumbers } from '../../src/lesson/stations';
import type { LessonAnswer } from '../../src/protocol/lesson';
import type { LessonPlace, LessonPlay } from '../../src/protocol/lessonPlace';
import type { PanelApi } from '../../src/protocol/panel';
import { askedTokensOf, createAnswers, type AskedTokens } from './answers';
import type { LessonState, SetState } from './appState';
import { placeWithin } from './lessonPlaces';
import { createLoader } from './loader';
import { derived } from './store';

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
  const wanted = computed((): Wanted | undefined => {
    const { snapshot, view } = state;
    const isAtRest = snapshot?.status === 'done' || snapshot?.status === 'paused';
    const place = view.lesson && placeWithin(state, view.lesson);
    if (!isAtRest || !place || !needsNumbers(place.stage)) return undefined;
    return view.lessonPlay ? { ...place, play: view.lessonPlay } : place;
  });
  const text = computed(() => {
    const { snapshot } = state;
    return snapshot ? { id: snapshot.id, source: snapshot.source, target: snapshot.target } : undefined;
  });
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
  const absent = computed(() => (text.value && answers.newest(text.value, () => true)?.absent) ?? []);
  const stop = effect(() => {
    const present = text.value;
    const place = wanted.value;
    if (!present || !place || lesson.value) {
      loader.cancel();
      running.value = false;
      return;
    }
    const key = `${present.id}/${contentKey(contentOf(present.source, present.target))}/${nameOf(place)}`;
    loader.request(key, { ...place, ...askedTokensOf(present) });
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
      loader.cancel();
    },
  };
}
