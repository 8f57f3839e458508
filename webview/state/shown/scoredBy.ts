/** What pieces and heads are measured by, in words: an output's tokens, or a label of the text. */
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import type { ScoredFor } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { textLabel } from '../../format';

/** The unit of a change. */
export function unitOf(label: ScoredFor | undefined): string {
  switch (label?.meaning) {
    case undefined:
      return say('webview.unit.natsToken');
    case 'regression':
      return say('webview.unit.number');
    case 'cosine':
      return say('webview.unit.cosine');
    case 'single':
    case 'multi':
    case 'score':
      return say('webview.unit.nats');
  }
}

/** What changes: a label, an answer, a number. */
export function changingLabel({ meaning, label }: ScoredFor): string {
  switch (meaning) {
    case 'regression':
      return say('webview.scored.number');
    case 'cosine':
      return say('webview.scored.cosine');
    case 'single':
    case 'multi':
    case 'score':
      return say('webview.scored.label', { label: textLabel(label) });
  }
}

/** True where a number changes, and not how likely something is. */
export const isNumber = ({ meaning }: ScoredFor): boolean => meaning === 'regression' || meaning === 'cosine';

/** True where what is left out or switched off changes something that is measured: tokens, labels, an answer, how alike two texts are. */
export function isScored({ model, answer }: ExplanationSnapshot): boolean {
  const result = answer?.result;
  if (model?.task === undefined) return true;
  return result?.type === 'similarity' ? result.cosine !== null : result !== null && result !== undefined;
}
