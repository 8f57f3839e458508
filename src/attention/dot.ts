/**
 * The dot product of a[from, from + size) and b[to, to + size), in double precision. Four sums run side by side: the processor need
 * not wait for one addition before it begins the next.
 */
export function dot(a: Float32Array, from: number, b: Float32Array, to: number, size: number): number {
  let [one, two, three, four] = [0, 0, 0, 0];
  const even = size - (size % 4);
  // Both vectors lie within their arrays.
  for (let i = 0; i < even; i += 4) {
    one += (a[from + i] as number) * (b[to + i] as number);
    two += (a[from + i + 1] as number) * (b[to + i + 1] as number);
    three += (a[from + i + 2] as number) * (b[to + i + 2] as number);
    four += (a[from + i + 3] as number) * (b[to + i + 3] as number);
  }
  for (let i = even; i < size; i++) one += (a[from + i] as number) * (b[to + i] as number);
  return one + two + three + four;
}
