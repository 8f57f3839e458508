import { kindName } from '../../attention/kindName';
import { layerNumber } from '../../attention/layers';
import { sourceName } from '../../attention/sourceName';
import { tokenLabel, type LabelledToken } from '../../attention/tokenLabel';
import { strongestHeads } from '../../attention/strongestHeads';
import type { KindInfo, TokenWeights } from '../../attention/types';
import { MEASURES } from '../../measure/measure';
import { exactNumber } from '../../measure/numbers';
import { headWithin, measuredRow } from '../../measure/rows';
import { sinksMarked, unitsOf, type Unit } from '../../measure/units';
import type { WholeView } from '../../protocol/defaultView';
import type { ExplanationSnapshot } from '../../protocol/panel';
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
  const measure = MEASURES[view.measure];
  const values = [...measuredRow(of, { ...view, ...place })].map((value, index) => ({ value, index }));
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
  const rows = peaks.map(
    ({ layer, head, index, weight }) =>
      `| ${layerNumber(info, layer)}.${head + 1} | ${tokenText(others[index])} | ${weight.toFixed(3)} |`,
  );
  return `\n\n${heading}\n\n| ${say('host.card.columns')} |\n|---|---|---:|\n${rows.join('\n')}\n`;
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
  const parts = [`**${say('host.card.title')}** “${tokenText(unit)}”`];
  const fill =
    sequence === 'source' ? snapshot.fills.find(({ index }) => index >= unit.from && index < unit.to) : undefined;
  if (fill?.original) {
    const { original } = fill;
    const probability = (100 * original.probability).toPrecision(3);
    parts.push(say('host.card.hides', { token: `“${tokenText(original)}”`, probability, rank: original.rank }));
  }
  if (unit.partial && !unit.parts) parts.push(` ${say('host.card.partial')}`);
  for (const of of weights) {
    const info = snapshot.model?.kinds.find(({ kind }) => kind === of.kind);
    if (info && of.length > 0) parts.push(section(snapshot, view, info, of));
  }
  parts.push(`\n\n_${say('host.card.caveat')}_`);
  return parts.join('');
}
