import { kindName } from '../../attention/kindName';
import { layerNumber } from '../../attention/layers';
import { tokenLabel, type LabelledToken } from '../../attention/tokenLabel';
import { strongestHeads } from '../../attention/strongestHeads';
import type { KindInfo, Token, TokenWeights } from '../../attention/types';
import type { MaskFill } from '../../protocol/engine';
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
  const columns = [say('host.card.head'), say('host.card.token'), say('host.card.weight')].join(' | ');
  const kind = kindName(of.kind);
  const heading = say(of.role === 'query' ? 'host.card.looksAt' : 'host.card.lookedAtBy', { kind });
  return `\n\n${heading}\n\n| ${columns} |\n|---|---|---:|\n${rows.join('\n')}\n`;
}

/** The card's first line. A mask is a whole token, so that one sentence is enough of what it hides. */
function title(token: Token, fill: MaskFill | undefined): string {
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
 * The hover card's Markdown: the token, what it hides where it is a mask, and the strongest heads of each kind of
 * attention. The model's own text is in it as text only.
 */
export function cardMarkdown(
  snapshot: ExplanationSnapshot,
  view: ViewState,
  { sequence, index, token }: Pick<PlacedToken, 'sequence' | 'index' | 'token'>,
  weights: readonly TokenWeights[],
): string {
  const fill = sequence === 'source' ? snapshot.fills.find((one) => one.index === index) : undefined;
  const parts = [title(token, fill)];
  for (const of of weights) {
    const info = snapshot.model?.kinds.find(({ kind }) => kind === of.kind);
    if (info && of.length > 0) parts.push(section(snapshot, view, info, of));
  }
  parts.push(`\n\n_${say('host.card.caveat')}_`);
  return parts.join('');
}
