/**
 * The lesson in Chromium, on a real run of the bundled model: from the key that goes to the next station to the frame that shows it with
 * its numbers. The station after the one on show is asked for ahead: once where that has come back, once at a reader's fastest.
 */
import { launchChromium } from '../support/chromium';
import { setup } from '../webview/build';
import { openWebview, serveWebview } from '../webview/harness';
import { realRun } from '../webview/realRun';
import { median, report } from './measure';

/** Goes to the next station and resolves with the milliseconds until a frame with it was drawn; -1 where there is no other. Runs on the page. */
const NEXT = `new Promise((done) => {
  const place = () => /Station (\\d+) of (\\d+)/.exec(document.querySelector('.lesson-bar-top')?.textContent ?? '')?.slice(1).map(Number);
  const [at, all] = place();
  if (at === all) return done(-1);
  const began = performance.now();
  document.querySelector('.lesson-title').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', altKey: true, bubbles: true }));
  const waits = () => place()?.[0] !== at + 1 || document.querySelector('.lesson-running > vscode-button')?.checkVisibility();
  const look = () => {
    if (waits()) return requestAnimationFrame(look);
    requestAnimationFrame(() => done(performance.now() - began));
  };
  look();
})`;

await setup();
const browser = await launchChromium();
const site = await serveWebview();
for (const [rest, how] of [
  [400, 'a reader who rests'],
  [0, 'one key after another'],
] as const) {
  const host = await realRun();
  host.view = {
    ...host.view,
    kind: 'encoder',
    lesson: { stage: 'tokens', kind: 'encoder', layer: 0, head: 0, token: 3, feature: 0 },
  };
  const { page, rpc } = await openWebview(browser, site, { view: 'panel', service: host });
  host.attach(rpc);
  await page.locator('.lesson-title').waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1000);
  const times: number[] = [];
  for (;;) {
    const time = await page.evaluate<number>(NEXT);
    if (time < 0) break;
    times.push(time);
    await page.waitForTimeout(rest);
  }
  // The first station with numbers waits for the pass that all of them are cut from.
  const [first = NaN, ...others] = times;
  const row = { group: `lesson in Chromium, ${how}`, runs: others.length, note: 'wall clock' };
  report({ ...row, name: 'to the first station with numbers', value: first, unit: 'ms', runs: 1 });
  report({ ...row, name: 'from station to station, median', value: median(others), unit: 'ms' });
  report({ ...row, name: 'from station to station, longest', value: Math.max(...others), unit: 'ms' });
  await page.close();
}
await browser.close();
site.close();
process.exit(0);
