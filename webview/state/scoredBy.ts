/** What pieces and heads are measured by, in words: an output's tokens, or a label of the text. */
import type { ExplanationSnapshot } from '../../src/protocol/panel';
import type { ScoredFor } from '../../src/protocol/engine';
import { say } from '../../src/text/say';
import { textLabel } from '../format';

/** The unit of a change. */
export function unitOf(label: ScoredFor | undefined): string {
  if (!label) return say('webview.unit.natsToken');
  return label.meaning === 'regression' ? say('webview.unit.number') : say('webview.unit.nats');
}

/** A label as that which changes. */
export const changingLabel = (label: ScoredFor): string =>
  label.meaning === 'regression'
    ? say('webview.scored.number')
    : say('webview.scored.label', { label: textLabel(label.label) });

/** True where what is left out or switched off changes something that is measured: tokens, or labels. */
export function isScored({ model, answer }: ExplanationSnapshot): boolean {
  const type = answer?.result?.type;
  return model?.task === undefined || type === 'labels' || type === 'token-labels';
}
