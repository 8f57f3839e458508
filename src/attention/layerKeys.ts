/** The keys of one layer's masked self-attention, as many as tokens have been read: what weights are computed from anew. */

/** Memory is taken for so many tokens at a time. */
const STEP = 512;

export class LayerKeys {
  /** Numbers of a key. */
  readonly size: number;
  #heads = 0;
  #data = new Float32Array(0);
  #room = 0;
  #length = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** Heads that keys have, each that of as many query heads; 0 before there are any. */
  get heads(): number {
    return this.#heads;
  }

  /** Tokens that it has keys of. */
  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return this.#data.byteLength;
  }

  /** [head][room][size]; changes when it grows. */
  get data(): Float32Array {
    return this.#data;
  }

  /** Tokens that each head has room for in `data`. */
  get room(): number {
    return this.#room;
  }

  /** Takes the keys that it has not yet. @param data [head][tokens][size], of all tokens from the first on */
  take(data: Float32Array, tokens: number): void {
    const { size } = this;
    this.#heads = data.length / (tokens * size);
    const heads = this.#heads;
    if (tokens > this.#room) this.#grow(Math.ceil(tokens / STEP) * STEP);
    for (let head = 0; head < heads; head++)
      this.#data.set(
        data.subarray((head * tokens + this.#length) * size, (head + 1) * tokens * size),
        (head * this.#room + this.#length) * size,
      );
    this.#length = tokens;
  }

  /** Forgets the keys from token `length` on: others are about to be read in their place. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  #grow(room: number): void {
    const data = new Float32Array(this.#heads * room * this.size);
    for (let head = 0; head < this.#heads; head++)
      data.set(
        this.#data.subarray(head * this.#room * this.size, (head * this.#room + this.#length) * this.size),
        head * room * this.size,
      );
    this.#data = data;
    this.#room = room;
  }
}
