/** The keys of one layer's masked self-attention, of all tokens read so far: what weights are computed from anew. */
export class LayerKeys {
  /** Numbers of a key. */
  readonly size: number;
  #tokens = 0;
  #data: Float32Array = new Float32Array(0);

  constructor(size: number) {
    this.size = size;
  }

  /** Heads that keys have, each that of as many query heads; 0 before there are any. */
  get heads(): number {
    return this.#tokens === 0 ? 0 : this.#data.length / (this.#tokens * this.size);
  }

  /** Tokens that it has keys of. */
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
   * Takes keys in place of those that it has; rows read before see the same ones at the beginning. They are not copied: the decoder's
   * cache holds the same memory as long as it goes on.
   * @param data [head][tokens][size], of all tokens from the first on
   */
  take(data: Float32Array, tokens: number): void {
    this.#data = data;
    this.#tokens = tokens;
  }
}
