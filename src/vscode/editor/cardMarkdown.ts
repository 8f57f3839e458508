import { readSentence } from '../../attention/interventionName';
import { kindName } from '../../attention/kindName';
import { layerNumber } from '../../attention/layers';
import { sourceName } from '../../attention/sourceName';
import { tokenLabel, type LabelledToken } from '../../attention/tokenLabel';
import { strongestHeads } from '../../attention/strongestHeads';
import type { KindInfo, TokenWeights } from '../../attention/types';
import { measureOf, measureWithin } from '../../measure/measure';
import { exactNumber } from '../../measure/numbers';
import { headWithin, measuredRow } from '../../measure/rows';
import { sinksMarked, unitsOf, type Unit } from '../../measure/units';
import type { WholeView } from '../../protocol/defaultView';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { MaskFill } from '../../protocol/engine';
import { say } from '../../text/say';
import type { PlacedUnit } from './editorText';
import { markdownText } from './markdownText';

const STRONGEST_HEADS = 5;

/** A token's label for Markdown: nothing in it is interpreted. */
const tokenText = (token: LabelledToken | undefined): string => markdownText(tokenLabel(token));

/** The strongest tokens or words for several heads together, or for a rollout. */
function togetherTable(
  others: readonly Unit[],
  view: WholeView,
  info: KindInfo,
  of: TokenWeights,
  isHidden: (index: number) => boolean,
): string {
  const place = headWithin(info, view);
  const measure = measureOf({ measure: measureWithin(view.measure, of.fit), fit: of.fit });
  const values = [...measuredRow(of, { ...view, ...place, measure: measure.name })].map((value, index) => ({
    value,
    index,
  }));
  const rows = values
    .filter(({ index }) => !isHidden(index))
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value))
    .slice(0, STRONGEST_HEADS)
    .map(({ value, index }) => `| ${tokenText(others[index])} | ${exactNumber(value, measure)} |`);
  const name = markdownText(sourceName({ ...view, ...place }, info));
  return `| ${name} | ${say(measure.noun)} |\n|---|---:|\n${rows.join('\n')}\n`;
}

function section(snapshot: ExplanationSnapshot, view: WholeView, info: KindInfo, of: TokenWeights): string {
  const sequence = of.role === 'query' ? info.keys : info.queries;
  const others = sinksMarked(unitsOf(snapshot[sequence], view.axis), sequence, snapshot.model?.family);
  const hide = view.hideSpecial[of.kind];
  const isHidden = (i: number): boolean => hide && others[i]?.special === true;
  const kind = kindName(of.kind);
  const heading = say(of.role === 'query' ? 'host.card.looksAt' : 'host.card.lookedAtBy', { kind });
  if (view.source.type !== 'head') return `\n\n${heading}\n\n${togetherTable(others, view, info, of, isHidden)}`;
  const peaks = strongestHeads(of, (i) => !isHidden(i)).slice(0, STRONGEST_HEADS);
  // A measure that takes a layer's heads together has one number a layer.
  const isLayered = of.heads === 1 && info.heads > 1;
  const rows = peaks.map(
    ({ layer, head, index, weight }) =>
      `| ${layerNumber(info, layer)}${isLayered ? '' : `.${head + 1}`} | ${tokenText(others[index])} | ${weight.toFixed(3)} |`,
  );
  const measure = say(measureOf({ measure: measureWithin('weight', of.fit), fit: of.fit }).noun);
  const place = say(isLayered ? 'host.card.layer' : 'host.card.head');
  const columns = [place, say('host.card.token'), measure].join(' | ');
  return `\n\n${heading}\n\n| ${columns} |\n|---|---|---:|\n${rows.join('\n')}\n`;
}

/** The card's first line. A mask is a whole token, so that one sentence is enough of what it hides. */
function title(token: Unit, fill: MaskFill | undefined): string {
  const text = tokenText(token);
  if (fill?.original) {
    const { original } = fill;
    const probability = (100 * original.probability).toPrecision(3);
    return say('host.card.titleHides', { token: text, hidden: tokenText(original), probability, rank: original.rank });
  }
  return token.partial && !token.parts
    ? say('host.card.titlePartial', { token: text })
    : say('host.card.title', { token: text });
}

/**
 * The hover card's Markdown: the token or word, what it hides where it is a mask, and the strongest heads of each kind of
 * attention. The model's own text is in it as text only.
 */
export function cardMarkdown(
  snapshot: ExplanationSnapshot,
  view: WholeView,
  { sequence, unit }: Pick<PlacedUnit, 'sequence' | 'unit'>,
  weights: readonly TokenWeights[],
): string {
  const fill =
    sequence === 'source' ? snapshot.fills.find(({ index }) => index >= unit.from && index < unit.to) : undefined;
  const { intervention } = snapshot;
  const changed = intervention ? `\n\n${markdownText(readSentence(intervention, snapshot.model?.kinds))}` : '';
  const parts = [title(unit, fill), changed];
  for (const of of weights) {
    const info = snapshot.model?.kinds.find(({ kind }) => kind === of.kind);
    if (info && of.length > 0) parts.push(section(snapshot, view, info, of));
  }
  parts.push(`\n\n_${say('host.card.caveat')}_`);
  return parts.join('');
}
