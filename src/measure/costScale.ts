/** The colours of what things are worth to an output: the change without each, on a scale that ends at the largest. */

/** A change of less than this, in nats a token, is no full colour. */
const LEAST_SCALE = 0.05;

/** What changes are multiplied by before they are coloured, so that the largest has the strongest colour. */
export function costScale(costs: Float32Array): number {
  let most = LEAST_SCALE;
  for (const cost of costs) if (Math.abs(cost) > most) most = Math.abs(cost);
  return 1 / most;
}
