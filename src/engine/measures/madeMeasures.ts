/** The measures that were made of an explained text, each kept with the tokens that it was made of. */
import { hasContent, type Content } from '../../attention/content';
import type { AttentionStore } from '../../attention/attentionStore';
import type { KindInfo, ProbedMeasure, SequenceName, Token } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { TextProbeAnswer } from '../../protocol/engine';
import { say } from '../../text/say';
import { makeMeasure, type MadeMeasure } from './makeMeasure';

type Sequences = Readonly<Record<SequenceName, readonly Token[]>>;

export class MadeMeasures {
  readonly #made = new Map<ProbedMeasure, MadeMeasure>();

  /** @param now both sequences as they stand */
  constructor(
    private readonly kinds: readonly KindInfo[],
    private readonly store: AttentionStore,
    private readonly now: () => Sequences,
  ) {}

  /** A measure that was made, where it is of a text that begins with the tokens that are asked about. */
  of(measure: ProbedMeasure, of: Content): MadeMeasure | undefined {
    const made = this.#made.get(measure);
    return made && hasContent(of, made.source, made.target) ? made : undefined;
  }

  /**
   * Makes a measure, and keeps it.
   * @param tokens the text that it is made of
   * @param pass what its probes gave over them
   * @throws ExplainError TEXT_CHANGED where another branch was taken meanwhile
   */
  async make(
    measure: ProbedMeasure,
    { source, target }: Sequences,
    pass: TextProbeAnswer,
    told: (fraction: number) => void,
    signal?: AbortSignal,
  ): Promise<MadeMeasure> {
    const text = { source, target, kinds: this.kinds, weights: (of: Content) => this.store.upTo(of) };
    const made = await makeMeasure(measure, text, pass, told, signal);
    const now = this.now();
    if (!hasContent(made.report.of, now.source, now.target))
      throw new ExplainError('TEXT_CHANGED', say('engine.textChanged'));
    this.#made.set(measure, made);
    return made;
  }

  get bytes(): number {
    return [...this.#made.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
