/**
 * The panel with a long text in Chromium: its longest task while the text opens, and its frames while the pointer crosses tokens, the
 * answers of 12 layers of 12 heads included. The weights are those of a real run of a random decoder, in this process.
 */
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel } from '../../src/engine/model/loadedModel';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { randomDecoder } from '../parity/randomDecoder';
import { launchChromium } from '../support/chromium';
import { setup } from '../webview/build';
import { openWebview, serveWebview } from '../webview/harness';
import { EMPTY_SNAPSHOT, TestHost } from '../webview/host';
import { median, report } from './measure';

/**
 * Marks when the text came, and when the bridge of the tests handed over more than 100 kB: what it takes to make objects of text is not
 * the page's work. Runs on the page, before its script.
 */
const WATCH = `{
  const own = globalThis.fromHost;
  let hasCome = false;
  globalThis.handedOver = [];
  globalThis.fromHost = (text) => {
    if (text.length > 1e5) handedOver.push(performance.mark('bridge').startTime);
    own(text);
    if (text.includes('"explanation"') && !hasCome) hasCome = Boolean(performance.mark('text'));
  };
}`;

/** Frames while the pointer crosses some tokens that are in sight, one every other frame. Runs on the page. */
const CROSS = `new Promise((done) => {
  const frames = [];
  let before = performance.now();
  let step = 0;
  const tick = (now) => {
    if (!handedOver.some((at) => at >= before && at <= now)) frames.push(now - before);
    before = now;
    if (step === 240) return done(frames.slice(1));
    if (step++ % 2 === 0)
      document.querySelectorAll('.token')[step % 200]?.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})`;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: when it began, how long it took by the clock, and how much of that its thread was running. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

/**
 * The longest task of the page's main thread from the text on, in milliseconds: by the clock, in which other threads and programs have their
 * turn on a machine of few processors, and of processor time.
 */
function longestTasks(trace: Buffer): { readonly clock: number; readonly processor: number } {
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const text = traceEvents.find(({ name }) => name === 'text');
  if (!text) throw new Error('The trace does not say when the text came.');
  const own = traceEvents.filter(({ pid, tid, ts }) => pid === text.pid && tid === text.tid && ts >= text.ts);
  const bridge = own.filter(({ name }) => name === 'bridge');
  const tasks = own.filter(
    ({ name, ph, ts, dur = 0 }) =>
      name.endsWith('RunTask') && ph === 'X' && !bridge.some((one) => one.ts >= ts && one.ts <= ts + dur),
  );
  return {
    clock: Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1000,
    processor: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
  };
}

/** The longest task of an opening depends on what else the machine does. */
const OPENINGS = 5;

await setup();
useNodeRuntime();
const browser = await launchChromium();
const site = await serveWebview();
const model = await loadModel(
  { modelId: 'random', version: '', name: 'random', files: randomDecoder({ layers: 12, heads: 12, size: 4 }) },
  { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' },
  () => undefined,
  new AbortController().signal,
);
for (const tokens of [512, 4096]) {
  const text = Array.from({ length: tokens }, (_, at) => `w${4 + ((at * at + 3 * at) % 90)}`).join(' ');
  const { explanation, encoded } = await ComputedExplanation.create('long', text, 0, model);
  const { source, target } = encoded;
  const host = new TestHost({ ...EMPTY_SNAPSHOT, model: model.report, source, target }, explanation.store);
  host.view = { ...host.view, kind: 'decoder' };
  const open = async () => {
    await browser.startTracing(undefined, { categories: ['toplevel', 'blink.user_timing'] });
    const { page: opened } = await openWebview(browser, site, { view: 'panel', service: host, before: WATCH });
    await opened.locator(`.token[data-index="${tokens - 1}"]`).waitFor({ state: 'attached', timeout: 60_000 });
    await opened.locator('.heat[data-backend]').waitFor({ timeout: 60_000 });
    const grid = opened.getByRole('grid', { name: 'Layers and heads' });
    await grid.getByRole('gridcell').first().waitFor({ timeout: 60_000 });
    await opened.waitForTimeout(500); // what follows in the next frames
    longest.push(longestTasks(await browser.stopTracing()));
    return opened;
  };
  const longest: ReturnType<typeof longestTasks>[] = [];
  for (let opening = 1; opening < OPENINGS; opening++) await (await open()).close();
  const page = await open();
  const frames = await page.evaluate<number[]>(CROSS);
  // What the bridge of the tests leaves behind (answers as text) is not the page's, and is collected when the browser likes.
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('HeapProfiler.collectGarbage');
  const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize');
  const group = `panel in Chromium, ${tokens.toLocaleString('en')} tokens, 144 heads`;
  const row = { group, runs: 1, note: 'wall clock' };
  const name = 'longest task once the text is there';
  report({ ...row, name, value: median(longest.map(({ clock }) => clock)), unit: 'ms', runs: OPENINGS });
  report({
    ...row,
    name: `${name}: processor time`,
    value: median(longest.map(({ processor }) => processor)),
    unit: 'ms',
    runs: OPENINGS,
    note: '',
  });
  report({ ...row, name: 'frame while hovering, median', value: median(frames), unit: 'ms', runs: frames.length });
  report({
    ...row,
    name: 'frame while hovering, longest',
    value: Math.max(...frames),
    unit: 'ms',
    runs: frames.length,
  });
  report({ ...row, name: 'heap of the page', value: heap / 1e6, unit: 'MB', note: 'garbage taken out' });
  report({ ...row, name: 'weights, or what is kept of them', value: explanation.bytes / 1e6, unit: 'MB', note: '' });
  await page.close();
  explanation.dispose();
}
await browser.close();
site.close();
process.exit(0);
