/** The sum as a table: what heads of each kind add, and what is left over, down to the model's own number. */
import { headSums } from '../../../src/measure/attribution/attributedKeys';
import type { AttributionReport } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { labelsApart } from '../../format';
import { kindName } from '../../state/shown/names';
import type { Palette } from '../../theme';
import { scaleOf, signedNumber, tint } from './signedCell';

const total = (numbers: Iterable<number>): number => [...numbers].reduce((sum, one) => sum + one, 0);

/** What the parts are the sum of, in a sentence. */
export function sumSentence({ token, other, logit }: AttributionReport): string {
  const [name = '', otherName = ''] = labelsApart(other ? [token, other] : [token]);
  const gaps = { token: name, size: Math.abs(logit).toFixed(4) };
  if (!other) return say('webview.attribution.sumAlone', { ...gaps, logit: signedNumber(logit) });
  const against = { ...gaps, other: otherName };
  return logit < 0 ? say('webview.attribution.sumBehind', against) : say('webview.attribution.sumLead', against);
}

export function partsTable({ kinds, rest, logit }: AttributionReport, palette: Palette): HTMLElement {
  const parts: readonly (readonly [name: string, value: number])[] = [
    ...kinds.map((kind): readonly [string, number] => [
      say('webview.attribution.heads', { kind: kindName(kind.kind) }),
      total(headSums(kind)),
    ]),
    [say('webview.attribution.feedForward'), total(rest.feedForward)],
    [say('webview.attribution.embeddings'), rest.embeddings],
    [say('webview.attribution.constants'), rest.constants],
    [say('webview.attribution.rounding'), rest.rounding],
  ];
  const scale = scaleOf(parts.map(([, value]) => value));
  const row = (name: string, value: number): HTMLElement =>
    el('tr', {}, el('th', {}, name), tint(el('td', { class: 'number' }, signedNumber(value)), palette, scale, value));
  return el(
    'table',
    { class: 'attribution-parts', aria: { label: say('webview.attribution.parts') } },
    el(
      'thead',
      {},
      el('tr', {}, el('th', {}, say('webview.attribution.part')), el('th', {}, say('webview.attribution.adds'))),
    ),
    el('tbody', {}, ...parts.map(([name, value]) => row(name, value))),
    el(
      'tfoot',
      {},
      el('tr', {}, el('th', {}, say('webview.attribution.total')), el('td', { class: 'number' }, signedNumber(logit))),
    ),
  );
}
