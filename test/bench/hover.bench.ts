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
 * Notes the page's tasks over 50 ms, and when the text came. Runs on the page, before its script. What the bridge of the tests takes to make
 * objects of text is not the page's work: tasks in which it handed over more than a megabyte do not count.
 */
const WATCH = `{
  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
  const own = globalThis.fromHost;
  const handedOver = [];
  let came;
  globalThis.fromHost = (text) => {
    if (text.length > 1e6) handedOver.push(performance.now());
    own(text);
    if (text.includes('"explanation"')) came ??= performance.now();
  };
  const isBridge = ({ startTime, duration }) => handedOver.some((at) => at >= startTime && at <= startTime + duration);
  globalThis.longestTask = () =>
    Math.max(0, ...tasks.filter((task) => task.startTime >= came && !isBridge(task)).map(({ duration }) => duration));
}`;

/** Frames while the pointer crosses some tokens that are in sight, one every other frame. Runs on the page. */
const CROSS = `new Promise((done) => {
  const frames = [];
  let before = performance.now();
  let step = 0;
  const tick = (now) => {
    frames.push(now - before);
    before = now;
    if (step === 240) return done(frames.slice(1));
    if (step++ % 2 === 0)
      document.querySelectorAll('.token')[step % 200]?.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})`;

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
    const { page: opened } = await openWebview(browser, site, { view: 'panel', service: host, before: WATCH });
    await opened.locator(`.token[data-index="${tokens - 1}"]`).waitFor({ state: 'attached', timeout: 60_000 });
    await opened.locator('.heat[data-backend]').waitFor({ timeout: 60_000 });
    const grid = opened.getByRole('grid', { name: 'Layers and heads' });
    await grid.getByRole('gridcell').first().waitFor({ timeout: 60_000 });
    await opened.waitForTimeout(500); // what follows in the next frames
    return opened;
  };
  const longest: number[] = [];
  for (let opening = 1; opening < OPENINGS; opening++) {
    const other = await open();
    longest.push(await other.evaluate<number>('longestTask()'));
    await other.close();
  }
  const page = await open();
  longest.push(await page.evaluate<number>('longestTask()'));
  const frames = await page.evaluate<number[]>(CROSS);
  const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize');
  const group = `panel in Chromium, ${tokens.toLocaleString('en')} tokens, 144 heads`;
  const row = { group, runs: 1, note: 'wall clock' };
  report({
    ...row,
    name: 'longest task over 50 ms once the text is there (0: none)',
    value: median(longest),
    unit: 'ms',
    runs: OPENINGS,
  });
  report({ ...row, name: 'frame while hovering, median', value: median(frames), unit: 'ms', runs: frames.length });
  report({
    ...row,
    name: 'frame while hovering, longest',
    value: Math.max(...frames),
    unit: 'ms',
    runs: frames.length,
  });
  report({ ...row, name: 'heap of the page', value: heap / 1e6, unit: 'MB', note: '' });
  report({ ...row, name: 'weights, or what is kept of them', value: explanation.bytes / 1e6, unit: 'MB', note: '' });
  await page.close();
  explanation.dispose();
}
await browser.close();
site.close();
process.exit(0);
