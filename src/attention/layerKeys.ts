/** The keys of one layer's masked self-attention, of all tokens read so far: what weights are computed from anew. */

/** Room for so many more tokens is made at a time, where keys come in parts: a text of 4,096 is then moved eight times. */
const ROOM = 512;

export class LayerKeys {
  /** How many numbers a key has. */
  readonly size: number;
  #tokens = 0;
  #stride = 0;
  #data: Float32Array = new Float32Array(0);

  constructor(size: number) {
    this.size = size;
  }

  /** Key heads; each belongs to the same number of query heads. 0 before any keys are taken. */
  get heads(): number {
    return this.#stride === 0 ? 0 : this.#data.length / (this.#stride * this.size);
  }

  /** How many tokens there is room for in each head. */
  get stride(): number {
    return this.#stride;
  }

  get byteLength(): number {
    return this.#data.byteLength;
  }

  /** [head][stride][size] */
  get data(): Float32Array {
    return this.#data;
  }

  /**
   * Takes the keys of the tokens from `from` on. Those of all tokens (`from` is 0) are not copied: the decoder's cache may hold the
   * same memory. A text that is read once more begins with the same keys: fewer than there are change nothing.
   * @param data [head][tokens − from][size]
   * @throws RangeError where keys between those that are there and `from` were left out
   */
  take(data: Float32Array, from: number, tokens: number): void {
    if (from > this.#tokens) throw new RangeError(`keys from ${from} on, after ${this.#tokens}`);
    if (tokens < this.#tokens) return;
    if (from === 0) [this.#data, this.#stride] = [data, tokens];
    else this.#add(data, from, tokens);
    this.#tokens = tokens;
  }

  /** Forgets the keys from `token` on: others will come in their place. */
  truncate(token: number): void {
    this.#tokens = Math.min(this.#tokens, token);
  }

  #add(data: Float32Array, from: number, tokens: number): void {
    const { heads, size } = this;
    if (tokens > this.#stride) {
      const stride = Math.max(tokens, this.#stride + ROOM);
      const wider = new Float32Array(heads * stride * size);
      for (let head = 0; head < heads; head++)
        wider.set(
          this.#data.subarray(head * this.#stride * size, (head * this.#stride + from) * size),
          head * stride * size,
        );
      [this.#data, this.#stride] = [wider, stride];
    }
    const part = (tokens - from) * size;
    for (let head = 0; head < heads; head++)
      this.#data.set(data.subarray(head * part, (head + 1) * part), (head * this.#stride + from) * size);
  }
}
