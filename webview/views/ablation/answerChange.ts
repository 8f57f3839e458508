/** What a model answers about a text beside what it answers without something. */
import type {
  LabelsResult,
  ScoredLabel,
  SpanResult,
  TaskResult,
  TokenLabelsResult,
} from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { percent, textLabel, tokenLabel } from '../../format';
import { tokensOf, type AppState } from '../../state/appState';
import { answerText } from '../task/spanView';
import { changedTable, nats } from './changedOutputParts';

/** So many labels, or words, stand in the table. */
const MOST_LISTED = 8;

type Rows = readonly (readonly (string | HTMLElement)[])[];
/** A table's caption, what its first column is, and its rows. */
interface Told {
  readonly caption: string;
  readonly first: string;
  readonly rows: Rows;
  readonly note?: string;
}

const shown = (one: ScoredLabel | undefined): string => {
  if (!one) return '';
  return one.probability === null ? nats(one.logit) : percent(one.probability);
};

const labels = (before: LabelsResult, after: LabelsResult): Told => ({
  caption: say('webview.change.labels'),
  first: say('webview.change.column.label'),
  rows: before.labels
    .slice(0, MOST_LISTED)
    .map((one) => [
      el('bdi', {}, textLabel(one.label)),
      shown(one),
      shown(after.labels.find(({ id }) => id === one.id)),
    ]),
});

const labelled = (one: ScoredLabel | undefined): string => (one ? `${textLabel(one.label)} ${shown(one)}` : '');

/** The words whose label changes, then those whose label's probability changes most. */
function tokenLabels(before: TokenLabelsResult, after: TokenLabelsResult, state: Pick<AppState, 'snapshot'>): Told {
  const tokens = tokensOf(state.snapshot, 'source');
  const now = new Map(after.tokens.map(({ index, top }) => [index, top]));
  const changed = before.tokens.map(({ index, top: [best] }) => {
    const top = now.get(index);
    const same = top?.find(({ id }) => id === best?.id)?.probability ?? 0;
    const isOther = top !== undefined && top[0]?.id !== best?.id;
    return { index, best, then: top?.[0], by: Math.abs((best?.probability ?? 0) - same) + Number(isOther) };
  });
  return {
    caption: say('webview.change.words'),
    first: say('webview.change.column.token'),
    rows: changed
      .filter(({ then }) => then !== undefined)
      .sort((one, other) => other.by - one.by)
      .slice(0, MOST_LISTED)
      .map(({ index, best, then }) => [el('bdi', {}, tokenLabel(tokens[index])), labelled(best), labelled(then)]),
  };
}

function spans(before: SpanResult, after: SpanResult, state: Pick<AppState, 'snapshot'>): Told {
  const tokens = tokensOf(state.snapshot, 'source');
  const [first] = before.answers;
  const [best] = after.answers;
  const isSame = best?.from === first?.from && best?.to === first?.to;
  return {
    caption: say('webview.change.answers'),
    first: say('webview.change.column.answer'),
    rows: [
      ...before.answers.map((span) => [
        el('bdi', {}, textLabel(answerText(tokens, span))),
        percent(span.probability),
        percent((after.begins[span.from] ?? 0) * (after.ends[span.to - 1] ?? 0)),
      ]),
      [say('webview.change.noAnswer'), percent(before.none), percent(after.none)],
    ],
    note:
      best && !isSame
        ? say('webview.change.otherAnswer', {
            answer: textLabel(answerText(tokens, best)),
            probability: percent(best.probability),
          })
        : say('webview.change.sameAnswer'),
  };
}

function told(before: TaskResult, after: TaskResult, state: Pick<AppState, 'snapshot'>): Told | undefined {
  if (before.type === 'labels' && after.type === 'labels') return labels(before, after);
  if (before.type === 'token-labels' && after.type === 'token-labels') return tokenLabels(before, after, state);
  if (before.type === 'span' && after.type === 'span') return spans(before, after, state);
  if (before.type !== 'similarity' || after.type !== 'similarity') return undefined;
  const number = (cosine: number | null): string => (cosine === null ? '' : nats(cosine));
  return {
    caption: say('webview.change.alike'),
    first: '',
    rows: [[say('webview.change.cosine'), number(before.cosine), number(after.cosine)]],
  };
}

/** @param after without it @param whole what the column before the change is called */
export function answerChange(
  after: TaskResult,
  state: Pick<AppState, 'snapshot'>,
  whole: string,
): readonly HTMLElement[] {
  const before = state.snapshot?.answer?.result;
  const found = before && told(before, after, state);
  if (!found) return [];
  const { caption, first, rows, note } = found;
  return [
    changedTable(caption, [first, whole, say('webview.change.column.after')], rows),
    ...(note === undefined ? [] : [el('p', {}, note)]),
  ];
}
