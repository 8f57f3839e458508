import { kindName } from '../../attention/kindName';
import { layerNumber } from '../../attention/layers';
import { tokenLabel, type LabelledToken } from '../../attention/tokenLabel';
import { strongestHeads } from '../../attention/strongestHeads';
import type { KindInfo, TokenWeights } from '../../attention/types';
import type { ExplanationSnapshot, ViewState } from '../../protocol/panel';
import { say } from '../../text/say';
import type { PlacedToken } from './editorText';
import { markdownText } from './markdownText';

const STRONGEST_HEADS = 5;

/** A token's label for Markdown: nothing in it is interpreted. */
const tokenText = (token: LabelledToken | undefined): string => markdownText(tokenLabel(token));

function section(snapshot: ExplanationSnapshot, view: ViewState, info: KindInfo, of: TokenWeights): string {
  const others = snapshot[of.role === 'query' ? info.keys : info.queries];
  const hide = view.hideSpecial[of.kind];
  const peaks = strongestHeads(of, (i) => !(hide && others[i]?.special)).slice(0, STRONGEST_HEADS);
  const rows = peaks.map(
    ({ layer, head, index, weight }) =>
      `| ${layerNumber(info, layer)}.${head + 1} | ${tokenText(others[index])} | ${weight.toFixed(3)} |`,
  );
  const kind = kindName(of.kind);
  const heading = say(of.role === 'query' ? 'host.card.looksAt' : 'host.card.lookedAtBy', { kind });
  return `\n\n${heading}\n\n| ${say('host.card.columns')} |\n|---|---|---:|\n${rows.join('\n')}\n`;
}

/**
 * The hover card's Markdown: the token, what it hides where it is a mask, and the strongest heads of each kind of
 * attention. The model's own text is in it as text only.
 */
export function cardMarkdown(
  snapshot: ExplanationSnapshot,
  view: ViewState,
  { sequence, index, token }: Pick<PlacedToken, 'sequence' | 'index' | 'token'>,
  weights: readonly TokenWeights[],
): string {
  const parts = [`**${say('host.card.title')}** “${tokenText(token)}”`];
  const fill = sequence === 'source' ? snapshot.fills.find((one) => one.index === index) : undefined;
  if (fill?.original) {
    const { original } = fill;
    const probability = (100 * original.probability).toPrecision(3);
    parts.push(say('host.card.hides', { token: `“${tokenText(original)}”`, probability, rank: original.rank }));
  }
  if (token.partial && !token.parts) parts.push(` ${say('host.card.partial')}`);
  for (const of of weights) {
    const info = snapshot.model?.kinds.find(({ kind }) => kind === of.kind);
    if (info && of.length > 0) parts.push(section(snapshot, view, info, of));
  }
  parts.push(`\n\n_${say('host.card.caveat')}_`);
  return parts.join('');
}
