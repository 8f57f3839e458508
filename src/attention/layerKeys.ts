/** The keys of one layer's masked self-attention, of all tokens read so far: what weights are computed from anew. */
export class LayerKeys {
  /** How many numbers a key has. */
  readonly size: number;
  #tokens = 0;
  #data: Float32Array = new Float32Array(0);

  constructor(size: number) {
    this.size = size;
  }

  /** Key heads; each belongs to the same number of query heads. 0 before any keys are taken. */
  get heads(): number {
    return this.#tokens === 0 ? 0 : this.#data.length / (this.#tokens * this.size);
  }

  /** How many tokens it holds the keys of. */
  get tokens(): number {
    return this.#tokens;
  }

  get byteLength(): number {
    return this.#data.byteLength;
  }

  /** [head][token][size] */
  get data(): Float32Array {
    return this.#data;
  }

  /**
   * Takes the keys of all tokens in place of those that it has; they begin with the same keys, so that earlier rows still find theirs.
   * They are not copied: the decoder's cache holds the same memory.
   * @param data [head][tokens][size], of all tokens from the first on
   */
  take(data: Float32Array, tokens: number): void {
    this.#data = data;
    this.#tokens = tokens;
  }
}
