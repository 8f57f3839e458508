/**
 * Which head aligns best. A model that writes French is tried on hand-aligned pairs; any other on its own translations of sentences
 * with names and numbers, which stay as they are, so that it is known what they come from.
 */
import type { KindInfo } from '../../attention/types';
import { ExplainError } from '../../errors';
import { alignedWords } from '../../measure/alignment/alignedWords';
import type { GoldLinks, Link } from '../../measure/alignment/alignment';
import { anchorsOf, AnchorScore } from '../../measure/alignment/anchors';
import { goldWords, readGold } from '../../measure/alignment/goldWords';
import { LinkScore } from '../../measure/alignment/linkScore';
import { wordLimits } from '../../measure/words/limits';
import type { AlignmentScores, DecoderStep } from '../../protocol/engine';
import { ComputedExplanation } from '../text/computedExplanation';
import type { LoadedModel } from '../model/loadedModel';
import { inSlices } from '../macrotask';
import type { HeldWeights } from '../weights/maps';
import type { AlignedPair } from './alignedPairs';
import { AlignmentProbe } from './alignmentProbe';

/** A model that writes French finds at least this share of a French translation's tokens likelier than any other; others nearly none. */
const LEAST_EXPECTED = 0.25;

/** Tries hand-aligned pairs. */
export class PairTrial {
  readonly #probe: AlignmentProbe<GoldLinks>;
  #pairs = 0;
  #tokens = 0;
  #expected = 0;

  constructor(info: KindInfo) {
    this.#probe = new AlignmentProbe(info, () => new LinkScore());
  }

  async add(model: LoadedModel, pair: AlignedPair, signal: AbortSignal): Promise<void> {
    const { explanation } = await ComputedExplanation.create('probe', pair.english, 0, model);
    try {
      const steps = await forced(explanation, pair.french);
      const held = explanation.weights(undefined);
      const source = goldWords(held.source, pair.english, wordLimits(pair.english));
      const target = goldWords(held.target, pair.french, wordLimits(pair.french));
      this.#tokens += steps.length;
      this.#expected += steps.filter(({ rank }) => rank === 1).length;
      // A tokenizer that loses letters cannot say where the words are.
      if (steps.length === 0 || !source || !target) return;
      this.#pairs++;
      await inSlices(this.#probe.add(held, source, target, readGold(pair.sure, pair.possible)), signal);
    } finally {
      explanation.dispose();
    }
  }

  /** Undefined where the model does not write French. */
  scores(): AlignmentScores | undefined {
    if (this.#pairs === 0 || this.#expected / this.#tokens < LEAST_EXPECTED) return undefined;
    return { known: 'links', count: this.#pairs, choices: this.#probe.choices() };
  }
}

/** The steps of a text that is forced; none where the model takes no text of this length. */
async function forced(explanation: ComputedExplanation, text: string): Promise<readonly DecoderStep[]> {
  try {
    return (await explanation.force(text)).steps;
  } catch (thrown) {
    if (thrown instanceof ExplainError && thrown.code === 'SELECTION_TOO_LARGE') return [];
    throw thrown;
  }
}

/** Tries names and numbers, in texts that the model has translated. */
export class NameTrial {
  readonly #probe: AlignmentProbe<readonly Pick<Link, 'source' | 'target'>[]>;
  #anchors = 0;

  constructor(info: KindInfo) {
    this.#probe = new AlignmentProbe(info, () => new AnchorScore());
  }

  async add(held: HeldWeights, signal: AbortSignal): Promise<void> {
    const [source, target] = [alignedWords(held.source), alignedWords(held.target)];
    const anchors = anchorsOf(source, target);
    if (anchors.length === 0) return;
    this.#anchors += anchors.length;
    await inSlices(this.#probe.add(held, source, target, anchors), signal);
  }

  scores(): AlignmentScores {
    return { known: 'names', count: this.#anchors, choices: this.#anchors === 0 ? [] : this.#probe.choices() };
  }
}
