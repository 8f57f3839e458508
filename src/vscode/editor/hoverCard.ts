import * as vscode from 'vscode';
import { strongestHeads } from '../../attention/rows';
import { type Labelled, tokenLabel } from '../../attention/tokenLabel';
import type { KindInfo, TokenWeights } from '../../attention/types';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { EditorText, PlacedToken } from './editorText';
import type { ExplanationController } from '../run/explanation';
import type { SharedView } from '../run/view';

const STRONGEST_HEADS = 5;

const KIND_NAMES = {
  encoder: 'Encoder self-attention',
  decoder: 'Masked decoder self-attention',
  cross: 'Cross-attention',
} as const;

/** A token's label for Markdown: nothing interpreted. */
function code(token: Labelled | undefined): string {
  const shown = tokenLabel(token);
  // A code span ends at as many back-ticks as it began with; one more than the text has is always enough.
  const longest = Math.max(0, ...[...shown.matchAll(/`+/gu)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${shown} ${fence}` : `${fence}${shown}${fence}`;
}

/** The editor's hover card: the strongest heads of the token under the cursor, and where they look. */
export class AttentionHover implements vscode.HoverProvider {
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #text: EditorText;

  constructor(controller: ExplanationController, view: SharedView, text: EditorText) {
    this.#controller = controller;
    this.#view = view;
    this.#text = text;
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancel: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const { snapshot } = this.#controller;
    const placed = this.#text.at(document, position);
    if (!snapshot || !placed) return undefined;
    const { sequence, index } = placed;
    if (this.#view.focus?.locked !== true)
      this.#view.setFocus({ sequence, indices: [index], locked: false, from: 'editor' });
    const abort = new AbortController();
    cancel.onCancellationRequested(() => abort.abort());
    try {
      const weights = await this.#controller
        .engineFor(snapshot.id)
        .tokenWeights({ explanation: snapshot.id, sequence, indices: [index] }, abort.signal);
      return new vscode.Hover(this.#card(snapshot, placed, weights), placed.range);
    } catch {
      return undefined;
    }
  }

  #card(
    snapshot: ExplanationSnapshot,
    { sequence, index, token }: PlacedToken,
    weights: readonly TokenWeights[],
  ): vscode.MarkdownString {
    const card = new vscode.MarkdownString(`**Attention of** ${code(token)}`);
    card.supportHtml = false;
    const fill = sequence === 'source' ? snapshot.fills.find((one) => one.index === index) : undefined;
    if (fill?.original)
      card.appendMarkdown(
        `, which hides ${code(fill.original)} (${(100 * fill.original.probability).toPrecision(3)} %, rank ${fill.original.rank})`,
      );
    if (token.partial && !token.parts) card.appendMarkdown(' (some bytes of one character)');
    for (const of of weights) {
      const info = snapshot.model?.kinds.find(({ kind }) => kind === of.kind);
      if (info && of.length > 0) card.appendMarkdown(this.#section(snapshot, info, of));
    }
    card.appendMarkdown('\n\n_Weights show where the model looked, not why it answered as it did._');
    return card;
  }

  #section(snapshot: ExplanationSnapshot, info: KindInfo, of: TokenWeights): string {
    const others = snapshot[of.role === 'query' ? info.keys : info.queries];
    const hide = this.#view.view.hideSpecial[of.kind];
    const peaks = strongestHeads(of, (i) => !(hide && others[i]?.special)).slice(0, STRONGEST_HEADS);
    const verb = of.role === 'query' ? 'looks at' : 'is looked at by';
    const rows = peaks.map(
      ({ layer, head, index, weight }) =>
        `| ${layer + 1}.${head + 1} | ${code(others[index]).replaceAll('|', '\\|')} | ${weight.toFixed(3)} |`,
    );
    return `\n\n${KIND_NAMES[of.kind]}, ${verb}\n\n| layer.head | token | weight |\n|---|---|---:|\n${rows.join('\n')}\n`;
  }
}
