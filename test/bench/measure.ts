/** Timing in a process of its own: medians, and pairs that are run in turn so that both meet the same weather. */
import { performance } from 'node:perf_hooks';

/** One line of the table. Every `*.bench.ts` prints its rows with `report`; `run.mjs` collects them. */
export interface Row {
  readonly group: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Runs that the median is of. */
  readonly runs: number;
  readonly note?: string;
}

export function report(row: Row): void {
  console.log(`BENCH ${JSON.stringify(row)}`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Milliseconds of processor time of this process: what a busy machine's other programs do not add to. */
export async function cpu(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

export async function wall(run: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await run();
  return performance.now() - before;
}

/** Runs the candidates in turn `runs` times after `warm` rounds; each one's times in ms of processor. */
export async function inTurn(
  candidates: readonly (() => Promise<unknown>)[],
  runs: number,
  warm = 2,
): Promise<readonly (readonly number[])[]> {
  const times = candidates.map((): number[] => []);
  for (let round = -warm; round < runs; round++) {
    // The order changes, so that nobody always goes first.
    const order = candidates.map((_, i) => (i + Math.max(round, 0)) % candidates.length);
    for (const i of order) {
      const time = await cpu(candidates[i] as () => Promise<unknown>); // i < length
      if (round >= 0) times[i]?.push(time);
    }
  }
  return times;
}

/** Median over the rounds of b's time over a's. */
export function ratio(a: readonly number[], b: readonly number[]): number {
  return median(b.map((time, i) => time / (a[i] ?? Number.NaN)));
}

/** A ratio as a signed percentage: `+1.1 %`. */
export function change(of: number): string {
  const percent = (of - 1) * 100;
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}
