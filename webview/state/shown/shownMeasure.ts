/**
 * Measures that have to be made of a text: asked for when one is chosen, and again where the text has grown and has come to rest. Until
 * one is there, and where the model cannot give it, the weights are on show, under their own name.
 */
import { computed, effect, signal } from '@preact/signals-core';
import { isProbed, type AttentionKind, type ProbedMeasure } from '../../../src/attention/types';
import { measureOf, measureWithin, type Measure } from '../../../src/measure/measure';
import type { WholeView } from '../../../src/protocol/defaultView';
import type { EngineEvents, MeasureReport, MeasureRequest } from '../../../src/protocol/engine';
import type { PanelApi } from '../../../src/protocol/panel';
import {
  createAnswers,
  subjectKey,
  askedTokensOf,
  presentText,
  type PresentText,
  type AskedTokens,
} from '../asked/answers';
import { kindInfo, type MeasureState, type SetState } from '../appState';
import { createLoader } from '../asked/loader';

/** Bytes that a report counts for: it holds a few numbers only. */
const REPORT_BYTES = 1000;
const KEPT_REPORTS = 16;

export interface ShownMeasure {
  /** The view with the measure that is on show. */
  readonly view: WholeView;
  readonly state: MeasureState;
  /** The text that numbers are asked about: as much of the present one as the measure was made of. */
  readonly text: PresentText | undefined;
  /** A measure that is being made is this far. */
  progressed(news: EngineEvents['measuring']): void;
  dispose(): void;
}

const chosenOf = ({ view }: Readonly<SetState>): ProbedMeasure | null => (isProbed(view.measure) ? view.measure : null);

/** The first tokens of a text, as the same object for as long as it is the same. */
function upTo(text: PresentText, { source, target }: AskedTokens['of']): PresentText {
  if (source >= text.source.length && target >= text.target.length) return text;
  return { id: text.id, source: text.source.slice(0, source), target: text.target.slice(0, target) };
}

/** @param told called with what failed, and with null when something has come back */
export function measureOnShow(
  state: Readonly<SetState>,
  api: Pick<PanelApi, 'measure'>,
  told: (reason: unknown) => void,
): ShownMeasure {
  const reports = createAnswers<MeasureReport>(KEPT_REPORTS * REPORT_BYTES, () => REPORT_BYTES);
  /** What is being made, and how far it is. */
  const making = signal<{ readonly key: string; readonly measure: ProbedMeasure; readonly fraction: number } | null>(
    null,
  );

  const present = computed(() => presentText(state.snapshot));
  const report = computed((): MeasureReport | undefined => {
    const chosen = chosenOf(state);
    const text = present.value;
    if (!chosen || !text) return undefined;
    return reports.exact(text, chosen) ?? reports.newest(text, ({ measure }) => measure === chosen);
  });
  const ofKind = (kind: AttentionKind): MeasureReport['kinds'][number] | undefined =>
    report.value?.kinds.find((one) => one.kind === kind);
  const own = computed(() => {
    const kind = kindInfo(state.snapshot, state.view.kind)?.kind;
    return kind && ofKind(kind);
  });
  const measure = computed((): Measure => {
    const fit = own.value?.fit ?? undefined;
    return measureOf({ measure: measureWithin(state.view.measure, fit), fit });
  });
  const text = computed((): PresentText | undefined => {
    const isMade = own.value?.fit !== undefined && own.value.fit !== null;
    return present.value && isMade && report.value ? upTo(present.value, report.value.of) : present.value;
  });
  const view = computed((): WholeView => {
    const { name } = measure.value;
    return name === state.view.measure ? state.view : { ...state.view, measure: name };
  });

  type Asked = Omit<MeasureRequest, 'files' | 'of'> & AskedTokens;
  const loader = createLoader<Asked, MeasureReport>(
    (request, signal) => api.measure(request, signal),
    (made, { explanation, of, measure: name }, key) => {
      if (making.value?.key === key) making.value = null;
      // The measure may cover more of the text than was asked about; the report is kept under what was asked, which is what is on show.
      reports.put({ explanation, of }, name, { ...made, of });
      told(null);
    },
    (reason) => {
      making.value = null;
      told(reason);
    },
    (running, next) => running.explanation !== next.explanation || running.measure !== next.measure,
  );
  const stop = effect(() => {
    const chosen = chosenOf(state);
    const now = present.value;
    const isThere = now && chosen && reports.exact(now, chosen) !== undefined;
    if (!chosen || !now || isThere || now.source.length + now.target.length === 0) {
      loader.cancel();
      making.value = null;
      return;
    }
    // While tokens stream in, the measure that was made from the first ones stays.
    if (state.snapshot?.status === 'generating' && report.value) return;
    const subject = askedTokensOf(now);
    const key = `${subjectKey(subject)}/${chosen}`;
    if (making.peek()?.key !== key) making.value = { key, measure: chosen, fraction: -1 };
    loader.request(key, { ...subject, measure: chosen });
  });

  return {
    get view() {
      return view.value;
    },
    get state() {
      return {
        chosen: state.view.measure,
        shown: measure.value,
        making: making.value?.fraction ?? null,
        gap: own.value?.fit === null ? own.value.reason : '',
      };
    },
    get text() {
      return text.value;
    },
    progressed({ explanation, measure: name, fraction }) {
      const now = making.value;
      if (now?.measure === name && state.snapshot?.id === explanation) making.value = { ...now, fraction };
    },
    dispose() {
      stop();
      loader.cancel();
    },
  };
}
