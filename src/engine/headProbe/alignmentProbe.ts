/** Which head, or which mean of heads, aligns best: each is tried in both readings on texts whose word links are known. */
import { ALIGNMENT_READINGS, type AlignmentChoice, type AlignmentScore, type KindInfo } from '../../attention/types';
import type { AlignedWord } from '../../measure/alignment/alignedWords';
import { wordWeights } from '../../measure/alignment/alignment';
import type { AlignerScore } from '../../measure/alignment/linkScore';
import type { HeldWeights } from '../weights/maps';
import { crossOf } from '../weights/textAlignment';

type Place = Omit<AlignmentChoice, 'reading'>;

/** Every head, each layer's mean, and the mean of all. */
function candidates({ layers, heads }: KindInfo): readonly Place[] {
  return Array.from({ length: layers }, (_, layer) => layer)
    .flatMap((layer): readonly Place[] => [
      ...Array.from({ length: heads }, (_, head) => ({ source: 'head' as const, layer, head })),
      { source: 'layer-mean', layer, head: 0 },
    ])
    .concat({ source: 'all-mean', layer: 0, head: 0 });
}

export class AlignmentProbe<Known> {
  readonly #tried: readonly {
    readonly choice: Place;
    readonly readings: readonly {
      readonly reading: AlignmentChoice['reading'];
      readonly score: AlignerScore<Known>;
    }[];
  }[];

  /** @param begin makes what counts for one candidate */
  constructor(info: KindInfo, begin: () => AlignerScore<Known>) {
    this.#tried = candidates(info).map((choice) => ({
      choice,
      readings: ALIGNMENT_READINGS.map((reading) => ({ reading, score: begin() })),
    }));
  }

  /** Takes a text and what is known of its links, with a pause after each head. */
  *add(
    { store }: Pick<HeldWeights, 'store'>,
    source: readonly AlignedWord[],
    target: readonly AlignedWord[],
    known: Known,
  ): Generator<undefined, void, undefined> {
    const weights = store.kind('cross');
    for (const { choice, readings } of this.#tried) {
      const cross = yield* crossOf(weights, choice);
      for (const { reading, score } of readings)
        score.add(wordWeights(cross, weights.keys, source, target, reading), source.length, known);
      yield undefined;
    }
  }

  /** Every candidate, best first. */
  choices(): readonly AlignmentScore[] {
    return this.#tried
      .flatMap(({ choice, readings }) =>
        readings.map(({ reading, score }) => ({ ...choice, reading, score: score.score, share: score.share })),
      )
      .sort((one, other) => other.score - one.score || other.share - one.share)
      .map(({ share: _, ...choice }) => choice);
  }
}
