/** Which head, or which mean of heads, aligns a model's texts best: tried on the probe set's names and numbers. */
import {
  ALIGNMENT_READINGS,
  type AlignmentChoice,
  type AlignmentScore,
  type HeadRef,
  type KindInfo,
} from '../../attention/types';
import { alignedWords } from '../../measure/alignment/alignedWords';
import { wordWeights } from '../../measure/alignment/alignment';
import { anchorsOf, AnchorScore } from '../../measure/alignment/anchors';
import type { AlignmentScores } from '../../protocol/engine';
import type { HeldWeights } from '../maps';
import { crossOf } from '../textAlignment';

/** Every head, each layer's mean, and the mean of all, in both readings. */
function candidates({ layers, heads }: KindInfo): readonly Omit<AlignmentChoice, 'reading'>[] {
  return Array.from({ length: layers }, (_, layer) => layer)
    .flatMap((layer): readonly Omit<AlignmentChoice, 'reading'>[] => [
      ...Array.from({ length: heads }, (_, head) => ({ source: 'head' as const, layer, head })),
      { source: 'layer-mean', layer, head: 0 },
    ])
    .concat({ source: 'all-mean', layer: 0, head: 0 });
}

/** Scores this near to the best are as good: some four of eighty anchors. */
const AS_GOOD = 0.05;

export class AlignmentProbe {
  readonly #tried: readonly {
    readonly choice: Omit<AlignmentChoice, 'reading'>;
    readonly readings: readonly { readonly reading: AlignmentChoice['reading']; readonly score: AnchorScore }[];
  }[];
  #anchors = 0;

  constructor(info: KindInfo) {
    this.#tried = candidates(info).map((choice) => ({
      choice,
      readings: ALIGNMENT_READINGS.map((reading) => ({ reading, score: new AnchorScore() })),
    }));
  }

  /** Takes a sentence and what was written of it, with a pause after each head. */
  *add({ store, source, target }: HeldWeights): Generator<undefined, void, undefined> {
    const [from, to] = [alignedWords(source), alignedWords(target)];
    const anchors = anchorsOf(from, to);
    if (anchors.length === 0) return;
    this.#anchors += anchors.length;
    const weights = store.kind('cross');
    for (const { choice, readings } of this.#tried) {
      const cross = yield* crossOf(weights, choice);
      for (const { reading, score } of readings)
        score.add(wordWeights(cross, weights.keys, from, to, reading), from.length, anchors);
      yield undefined;
    }
  }

  /**
   * Names and numbers tell a head that copies from one that does not, but good ones not from each other: among those
   * that are as good as the best, within what so few anchors can tell, the one that the model's maker names goes first.
   */
  scores(named: readonly HeadRef[] = []): AlignmentScores {
    if (this.#anchors === 0) return { anchors: 0, choices: [] };
    const choices = this.#tried.flatMap(({ choice, readings }) =>
      readings.map(({ reading, score }) => ({ ...choice, reading, score: score.score, share: score.share })),
    );
    const most = Math.max(...choices.map(({ score }) => score));
    const isNamed = ({ source, layer, head, score }: AlignmentScore): number =>
      Number(
        source === 'head' && score >= most - AS_GOOD && named.some((one) => one.layer === layer && one.head === head),
      );
    choices.sort((one, other) => isNamed(other) - isNamed(one) || other.score - one.score || other.share - one.share);
    return { anchors: this.#anchors, choices: choices.map(({ share: _, ...choice }) => choice) };
  }
}
