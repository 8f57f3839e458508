/** A binary heap of numbers, smallest first. */
export class MinHeap {
  private items: Float64Array;
  private size = 0;

  constructor(room: number) {
    this.items = new Float64Array(Math.max(16, room));
  }

  push(value: number): void {
    if (this.size === this.items.length) {
      const items = new Float64Array(this.size * 2);
      items.set(this.items);
      this.items = items;
    }
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.items[parent] ?? 0;
      if (above <= value) break;
      this.items[at] = above;
      at = parent;
    }
    this.items[at] = value;
  }

  pop(): number | undefined {
    if (this.size === 0) return undefined;
    const smallest = this.items[0];
    const last = this.items[--this.size] ?? 0;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && (this.items[child + 1] ?? 0) < (this.items[child] ?? 0)) child++;
      const below = this.items[child] ?? 0;
      if (below >= last) break;
      this.items[at] = below;
      at = child;
    }
    this.items[at] = last;
    return smallest;
  }
}
