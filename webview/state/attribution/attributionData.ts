/** Keeps the parts of the chosen token's logit in step with what is chosen. A refusal is an answer too: it stands where the parts would. */
import { computed, effect } from '@preact/signals-core';
import { ExplainError } from '../../../src/errors';
import type { WholeView } from '../../../src/protocol/defaultView';
import type { PanelApi } from '../../../src/protocol/panel';
import { askedTokensOf, createAnswers, presentText, subjectKey, type AskedTokens } from '../asked/answers';
import { isAtRest, type AttributionAnswer, type AttributionState, type SetState } from '../appState';
import { choiceWithin, predictedPlaces } from './attributedPlaces';
import { createLoader } from '../asked/loader';
import { derived } from '../store';

const CACHE_BYTES = 32 << 20;

type Choice = NonNullable<WholeView['attribution']>;

const nameOf = ({ index, token, other }: Choice): string => `${index}/${token}/${other ?? ''}`;

const bytesOf = (answer: AttributionAnswer): number =>
  'report' in answer ? answer.report.kinds.reduce((sum, { values }) => sum + values.byteLength, 1000) : 1000;

/** What is wrong with the model or the place, and stays wrong. */
const REFUSALS: readonly string[] = ['MODEL_UNSUPPORTED', 'INVALID_REQUEST'];

/** @param told called with what failed, and with null when something has come back */
export function loadAttribution(
  state: Readonly<SetState>,
  api: Pick<PanelApi, 'attribution'>,
  told: (reason: unknown) => void,
): { readonly state: AttributionState; dispose(): void } {
  const answers = createAnswers<AttributionAnswer>(CACHE_BYTES, bytesOf);
  const present = computed(() => presentText(state.snapshot));
  const wanted = computed((): Choice | null => {
    const { snapshot, view } = state;
    // While tokens come each of them would ask again.
    return isAtRest(snapshot) ? choiceWithin(predictedPlaces(snapshot), view.attribution) : null;
  });
  const loader = createLoader<Choice & Required<AskedTokens>, AttributionAnswer>(
    async (request, signal) => {
      try {
        return { report: await api.attribution(request, signal) };
      } catch (thrown) {
        if (thrown instanceof ExplainError && REFUSALS.includes(thrown.code)) return { refusal: thrown.toValue() };
        throw thrown;
      }
    },
    (answer, request) => {
      answers.put(request, nameOf(request), answer);
      told(null);
    },
    told,
  );
  const attribution = computed(
    () => (present.value && wanted.value && answers.exact(present.value, nameOf(wanted.value))) ?? null,
  );
  const stop = effect(() => {
    const text = present.value;
    const choice = wanted.value;
    if (!text || !choice || attribution.value) {
      loader.cancel();
      return;
    }
    const subject = askedTokensOf(text);
    loader.request(`${subjectKey(subject)}/${nameOf(choice)}`, { ...choice, ...subject });
  });
  return {
    state: derived<AttributionState>({ attribution: () => attribution.value }),
    dispose() {
      stop();
      loader.cancel();
    },
  };
}
