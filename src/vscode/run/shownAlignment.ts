import type { AxisName } from '../../attention/types';
import { alignedReading } from '../../measure/alignment/alignedReading';
import { alignedWords } from '../../measure/alignment/alignedWords';
import { numbered, pharaoh, strongestLinks } from '../../measure/alignment/alignment';
import { chooseAlignment } from '../../measure/alignment/alignmentChoice';
import type { TokenReading } from '../../measure/reading';
import { wholeView } from '../../protocol/defaultView';
import type { TextAlignment } from '../../protocol/engine';
import type { TokenFocus } from '../../protocol/panel';
import type { ExplanationController } from './explanationController';
import type { HeadMeasurements } from './headMeasurements';
import type { SharedView } from './sharedView';

/** The alignment of what a panel shows, read as the panel reads it: for the editor's colours and the clipboard. */
export class ShownAlignment {
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #heads: HeadMeasurements;

  constructor(controller: ExplanationController, view: SharedView, heads: HeadMeasurements) {
    this.#controller = controller;
    this.#view = view;
    this.#heads = heads;
  }

  /** The numbers that the other text is coloured by; undefined where there is no cross-attention. */
  async reading(focus: TokenFocus, axis: AxisName, signal: AbortSignal): Promise<TokenReading | undefined> {
    const { snapshot } = this.#controller;
    const alignment = await this.#ask(signal);
    return snapshot && alignment ? alignedReading(alignment, snapshot, axis, focus) : undefined;
  }

  /** Each written word's strongest link in Pharaoh format; undefined where there is no cross-attention. */
  async pharaoh(): Promise<string | undefined> {
    const { snapshot } = this.#controller;
    const alignment = await this.#ask();
    if (!snapshot || !alignment) return undefined;
    const links = strongestLinks(alignment.data, alignment.sourceWords);
    return pharaoh(numbered(links, alignedWords(snapshot.source), alignedWords(snapshot.target)));
  }

  async #ask(signal?: AbortSignal): Promise<TextAlignment | undefined> {
    const { snapshot } = this.#controller;
    const { model } = snapshot ?? {};
    if (!snapshot || !model?.kinds.some(({ kind }) => kind === 'cross')) return undefined;
    const view = wholeView(this.#view.view);
    const { source, layer, head, reading } = chooseAlignment(view.alignment, view, {
      scores: this.#heads.of(model)?.alignment?.choices ?? [],
      named: model.alignmentHeads,
    });
    return this.#controller
      .engineFor(snapshot.id)
      .alignment({ explanation: snapshot.id, source, layer, head, reading }, signal);
  }
}
