/**
 * A hash table from pairs of non-negative integers to one, on typed arrays (open addressing). A `Map` keyed by
 * numbers beyond 31 bits allocates at each look-up, and this is asked millions of times for a long text.
 */
export class PairTable {
  private keys: Int32Array;
  private values: Int32Array;
  private mask: number;
  private size = 0;

  constructor(expected: number) {
    const room = 2 ** Math.max(4, Math.ceil(Math.log2(expected * 2 + 1)));
    this.keys = new Int32Array(room * 2).fill(-1);
    this.values = new Int32Array(room);
    this.mask = room - 1;
  }

  /** The value, or -1. */
  get(first: number, second: number): number {
    const at = this.find(first, second);
    return this.keys[2 * at] === -1 ? -1 : (this.values[at] ?? -1);
  }

  set(first: number, second: number, value: number): void {
    if (this.size * 2 > this.mask) this.grow();
    const at = this.find(first, second);
    if (this.keys[2 * at] === -1) this.size++;
    this.keys[2 * at] = first;
    this.keys[2 * at + 1] = second;
    this.values[at] = value;
  }

  /** The slot that has the pair, or the free one where it belongs. */
  private find(first: number, second: number): number {
    let at = (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 0;
    at = (at ^ (at >>> 15)) & this.mask;
    for (;;) {
      const key = this.keys[2 * at];
      if (key === -1 || (key === first && this.keys[2 * at + 1] === second)) return at;
      at = (at + 1) & this.mask;
    }
  }

  private grow(): void {
    const { keys, values } = this;
    this.mask = this.mask * 2 + 1;
    this.keys = new Int32Array(keys.length * 2).fill(-1);
    this.values = new Int32Array(values.length * 2);
    this.size = 0;
    for (let i = 0; i < values.length; i++) {
      if (keys[2 * i] !== -1) this.set(keys[2 * i] ?? 0, keys[2 * i + 1] ?? 0, values[i] ?? 0);
    }
  }
}
