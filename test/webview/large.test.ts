import { expect, test } from 'vitest';
import { syntheticRun, tokens } from './syntheticRun';
import { useWebview } from './support';

const { open } = useWebview();

const long = (words: number, stem: string): string =>
  Array.from({ length: words }, (_, index) => `${stem}${index}`).join(' ');

test('1,024 tokens, 12 layers of 12 heads: hovering stays quick and asks once for each rest', async () => {
  const host = syntheticRun({
    family: 'decoder-only',
    layers: 12,
    heads: 12,
    source: [],
    target: tokens(long(1024, 'w'), null, null),
    generatedFrom: 1000,
  });
  host.view = { ...host.view, kind: 'decoder' };
  const { page } = await open({ view: 'panel', host, width: 1200, height: 900 });
  await page.locator('.heat-pixels').waitFor({ timeout: 30_000 });
  await page.locator('.number-cell').first().waitFor();

  // How long the page's own work takes for a hover: from the event to the painted numbers, answers included.
  const times: number[] = [];
  for (const index of [40, 90, 60, 120, 75]) {
    const began = performance.now();
    await page.locator(`.token[data-index="${index}"]`).hover();
    await page.locator('.who', { hasText: `fed “w${index}”` }).waitFor();
    await page.waitForFunction(
      () => document.querySelector('.numbers:not(.waiting)') && !document.querySelector('.lists.waiting'),
    );
    times.push(performance.now() - began);
  }
  const median = times.sort((a, b) => a - b)[2] ?? Infinity;
  console.log(`hover at 1,024 tokens × 144 heads, bridge included: median ${median.toFixed(0)} ms`);
  expect(median).toBeLessThan(8000);

  // The longest frame while the pointer crosses the text: no freeze.
  const asked = host.callsOf('tokenWeights').length;
  const longest = await page.evaluate(async () => {
    let most = 0;
    let before = performance.now();
    let going = true;
    const tick = (): void => {
      const now = performance.now();
      most = Math.max(most, now - before);
      before = now;
      if (going) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    for (let index = 0; index < 120; index++) {
      document
        .querySelector(`.token[data-index="${index}"]`)
        ?.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    going = false;
    return most;
  });
  console.log(`longest frame while crossing 120 tokens: ${longest.toFixed(0)} ms`);
  expect(longest).toBeLessThan(4000);
  expect(host.callsOf('tokenWeights').length - asked).toBeLessThan(60);
});

test('2,048 tokens come in without a freeze, and the map is drawn', async () => {
  const host = syntheticRun({
    family: 'encoder-only',
    layers: 1,
    heads: 2,
    source: tokens(long(2046, 'w'), '[CLS]', '[SEP]'),
    target: [],
  });
  const { page } = await open({ view: 'panel', host, width: 1200, height: 900 });
  await page.locator('.token[data-index="2047"]').waitFor({ state: 'attached', timeout: 30_000 });
  await page.locator('.heat-pixels').waitFor();
  await expect.poll(() => page.locator('.heat').getAttribute('data-backend')).toBe('canvas2d');
  await page.locator('.heat').hover({ position: { x: 300, y: 300 } });
  await page.locator('.readout', { hasText: /→ “w\d+”: (\d\.\d{4}|<0\.0001)$/ }).waitFor();
});

test('tokens that stream in are appended, not rebuilt', async () => {
  const host = syntheticRun({
    family: 'decoder-only',
    layers: 2,
    heads: 2,
    source: [],
    target: tokens(long(300, 'w'), null, null),
    generatedFrom: 250,
  });
  const whole = host.snapshot;
  if (!whole) throw new Error('No snapshot.');
  host.snapshot = {
    ...whole,
    status: 'generating',
    target: whole.target.slice(0, 260),
    steps: whole.steps.slice(0, 10),
  };
  const { page } = await open({ view: 'panel', host });
  await page.locator('.token[data-index="259"]').waitFor({ state: 'attached' });
  await page.evaluate(() => document.querySelector('.token[data-index="5"]')?.setAttribute('data-mine', 'yes'));
  for (let length = 261; length <= 300; length++)
    host.update({ target: whole.target.slice(0, length), steps: whole.steps.slice(0, length - 250) });
  await page.locator('.token[data-index="299"]').waitFor({ state: 'attached' });
  expect(await page.locator('[data-mine]').count()).toBe(1);
  expect(await page.locator('.token').count()).toBe(300);
});

/** How many tokens come between two looks: a task that makes thousands is a task that lasts. Runs on the page. */
const COUNT_TOKENS = `{
  let most = 0;
  const tokensIn = (node) =>
    node instanceof Element ? Number(node.classList.contains('token')) + node.querySelectorAll('.token').length : 0;
  new MutationObserver((records) => {
    // A part that came with its tokens, and the tokens that came into it, are the same ones.
    const added = new Set(records.flatMap(({ addedNodes }) => [...addedNodes]));
    const outer = [...added].filter((node) => ![...added].some((other) => other !== node && other.contains(node)));
    most = Math.max(most, outer.reduce((sum, node) => sum + tokensIn(node), 0));
  }).observe(document, { childList: true, subtree: true });
  globalThis.mostAtOnce = () => most;
}`;

test('4,096 tokens: no more than some hundreds are made in one go, all are there, and what is out of sight is not laid out', async () => {
  const host = syntheticRun({
    family: 'encoder-only',
    layers: 1,
    heads: 1,
    source: tokens(long(4094, 'w'), '[CLS]', '[SEP]'),
    target: [],
  });
  const { page } = await open({
    view: 'panel',
    host,
    width: 1200,
    height: 900,
    before: COUNT_TOKENS,
  });
  const last = page.locator('.token[data-index="4095"]');
  await last.waitFor({ state: 'attached', timeout: 30_000 });
  expect(await page.locator('[data-sequence=source] .token').count()).toBe(4096);
  const most = await page.evaluate(() => (Reflect.get(globalThis, 'mostAtOnce') as () => number)());
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(1024);
  const isLaidOut = (index: number): Promise<boolean> =>
    page
      .locator(`.token[data-index="${index}"]`)
      .evaluate((node) => node.checkVisibility({ contentVisibilityAuto: true }));
  expect([await isLaidOut(0), await isLaidOut(4000)]).toEqual([true, false]);
  // What is far away is reached, coloured and marked like any other.
  await last.scrollIntoViewIfNeeded();
  await last.hover();
  await page.locator('.token.current[data-index="4095"]').waitFor();
  await expect.poll(() => last.evaluate((node) => node.style.backgroundColor)).not.toBe('');
});
