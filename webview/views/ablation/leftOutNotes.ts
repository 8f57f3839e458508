/** What is said of what pieces of an input are worth: how far the measuring is, what the colours are, how far attention agrees. */
import type { HeadAgreement, LeftOutCosts } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { textLabel } from '../../format';
import { kindName } from '../../state/shown/names';
import { changingLabel, isNumber, unitOf } from '../../state/shown/scoredBy';
import { nats } from './changedOutputParts';

/** How many passes are done, and how many there are: one a piece, or one a mask. */
export const measuredOf = ({ done, fit, ranges }: LeftOutCosts): { readonly done: number; readonly all: number } => ({
  done,
  all: fit?.masks ?? ranges.length,
});

/** The unit of a change without a piece. */
export function unitOfPieces({ fit, label }: LeftOutCosts): string {
  if (!fit || (label && isNumber(label))) return unitOf(label);
  return say(label ? 'webview.unit.odds' : 'webview.unit.oddsToken');
}

export const measuringNote = (known: LeftOutCosts): string =>
  say(known.fit ? 'webview.leave.masking' : 'webview.leave.ranking', measuredOf(known));

/** What the colours are, once all is measured, and where the user has stopped before. */
export function measuredNote(known: LeftOutCosts): string {
  const gap = known.gaps.length > 0 ? say('webview.leave.gap', { reason: known.gaps.join('; ') }) : '';
  return [known.fit ? fitNote(known, known.fit) : eachNote(known), gap].filter(Boolean).join(' ');
}

function eachNote(known: LeftOutCosts): string {
  const { label, plain, outputs } = known;
  const gaps = { ...measuredOf(known), plain: nats(plain), count: outputs.length };
  if (gaps.done < gaps.all)
    return label
      ? say('webview.leave.rankedPartLabel', { ...gaps, what: changingLabel(label) })
      : say('webview.leave.rankedPart', gaps);
  return label
    ? say('webview.leave.rankedLabel', { ...gaps, what: changingLabel(label), unit: unitOf(label) })
    : say('webview.leave.ranked', gaps);
}

/** What a fit is of, in words. */
function fittedWhat({ label }: LeftOutCosts): string {
  if (!label) return say('webview.leave.oddsOfOutput');
  return isNumber(label) ? changingLabel(label) : say('webview.leave.oddsOfLabel', { label: textLabel(label.label) });
}

function fitNote(known: LeftOutCosts, { heldOut, correlation }: NonNullable<LeftOutCosts['fit']>): string {
  const { done, all } = measuredOf(known);
  const gaps = { done, all, what: fittedWhat(known), unit: unitOfPieces(known) };
  const sure =
    correlation === null
      ? say('webview.leave.unsure')
      : say('webview.leave.sure', { count: heldOut, correlation: nats(correlation) });
  return [say(done < all ? 'webview.leave.fittedPart' : 'webview.leave.fitted', gaps), sure].join(' ');
}

/** How far attention orders the pieces as their costs do: the head that does most, and the middle one. */
export function agreementNote({ kind, heads, correlations }: HeadAgreement): string {
  const known = [...correlations].map((value, at) => ({ value, at })).filter(({ value }) => !Number.isNaN(value));
  const sorted = known.sort((one, other) => other.value - one.value);
  const [best] = sorted;
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!best || !middle) return say('webview.leave.noAgreement');
  return say('webview.leave.agreement', {
    kind: kindName(kind).toLowerCase(),
    layer: Math.floor(best.at / heads) + 1,
    head: (best.at % heads) + 1,
    best: nats(best.value),
    middle: nats(middle.value),
  });
}
