/** How well a head aligns texts whose links are known. */
import { alignmentErrorRate, strongestLinks, type GoldLinks, type Link } from './alignment';

/** What is known of texts' links, and how much of it is found; `Known` is of one text. */
export interface AlignerScore<Known> {
  /** @param weights [target words][source words], rows as shares of what may be linked (`wordWeights`) */
  add(weights: Float32Array, sourceWords: number, known: Known): void;
  /** 0 to 1; NaN where nothing was known. */
  readonly score: number;
  /** Mean share of a word's weight on what it is linked with: which of two equally good ones is the surer. */
  readonly share: number;
}

/** 1 − alignment error rate (Och and Ney 2003) of each word's strongest link. */
export class LinkScore implements AlignerScore<GoldLinks> {
  readonly #sentences: { readonly links: readonly Link[]; readonly gold: GoldLinks }[] = [];
  #share = 0;
  #rows = 0;

  add(weights: Float32Array, sourceWords: number, gold: GoldLinks): void {
    this.#sentences.push({ links: strongestLinks(weights, sourceWords), gold });
    weights.forEach((weight, at) => {
      if (gold.possible.has(`${at % sourceWords}-${Math.floor(at / sourceWords)}`)) this.#share += weight;
    });
    this.#rows += weights.length / sourceWords;
  }

  get score(): number {
    return 1 - alignmentErrorRate(this.#sentences);
  }

  get share(): number {
    return this.#share / this.#rows;
  }
}
