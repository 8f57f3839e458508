/** The labels of a text beside those that it gets without something. */
import type { ScoredLabel } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { percent, textLabel } from '../../format';
import type { AppState } from '../../state/appState';
import { changedTable, nats } from './changedOutputParts';

/** So many labels stand in the table. */
const MOST_LISTED = 8;

const shown = (one: ScoredLabel | undefined): string => {
  if (!one) return '';
  return one.probability === null ? nats(one.logit) : percent(one.probability);
};

/** @param labels without it @param whole what the column before the change is called */
export function labelChange(
  labels: readonly ScoredLabel[],
  { snapshot }: Pick<AppState, 'snapshot'>,
  whole: string,
): HTMLElement {
  const result = snapshot?.answer?.result;
  const before = result?.type === 'labels' ? result.labels.slice(0, MOST_LISTED) : [];
  const heads = [say('webview.change.column.label'), whole, say('webview.change.column.after')];
  const rows = before.map((one) => [
    el('bdi', {}, textLabel(one.label)),
    shown(one),
    shown(labels.find(({ id }) => id === one.id)),
  ]);
  return changedTable(say('webview.change.labels'), heads, rows);
}
