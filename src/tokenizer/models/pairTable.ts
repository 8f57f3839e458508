import { mixBits } from '../../hash/mixBits';

/**
 * A hash table from pairs of non-negative integers to one, on typed arrays (open addressing). A `Map` keyed by
 * numbers beyond 31 bits allocates at each look-up, and this is asked millions of times for a long text. Where a pair
 * is put depends on random numbers, so that no file can be made whose pairs all meet in one place.
 */
export class PairTable {
  private keys: Int32Array;
  private values: Int32Array;
  private mask: number;
  private size = 0;
  private readonly first: number;
  private readonly second: number;
  private readonly start: number;

  constructor(expected: number) {
    const room = 2 ** Math.max(4, Math.ceil(Math.log2(expected * 2 + 1)));
    this.keys = new Int32Array(room * 2).fill(-1);
    this.values = new Int32Array(room);
    this.mask = room - 1;
    const [first = 0, second = 0, start = 0] = crypto.getRandomValues(new Uint32Array(3));
    // Odd factors keep every bit of what they multiply.
    this.first = first | 1;
    this.second = second | 1;
    this.start = start;
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
    let at = this.hash(first, second) & this.mask;
    for (;;) {
      const key = this.keys[2 * at];
      if (key === -1 || (key === first && this.keys[2 * at + 1] === second)) return at;
      at = (at + 1) & this.mask;
    }
  }

  /** Each number is multiplied by a random factor and its bits are mixed before the next one comes in. */
  private hash(first: number, second: number): number {
    const one = mixBits(Math.imul(first, this.first) ^ this.start);
    return mixBits(Math.imul(second, this.second) ^ one);
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
