/** A view stands wherever it is mounted, as often as it is mounted, and leaves nothing behind. */
import { build } from 'esbuild';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { bundles } from '../../esbuild.config.mjs';
import { realRun } from './realRun';
import { useWebview } from './support';

const { open } = useWebview();

interface Lab {
  readonly ends: (() => void)[];
  endApp(): void;
}
interface Counts {
  readonly page: number;
  readonly observers: number;
}

/** Counts what listens to the page itself, and what watches elements. */
const COUNTING = `
  window.counts = { page: 0, observers: 0 };
  for (const target of [window, document]) {
    const add = target.addEventListener, remove = target.removeEventListener;
    const known = new Set();
    target.addEventListener = function (type, listener, options) { if (!known.has(listener)) { known.add(listener); window.counts.page++; } return add.call(this, type, listener, options); };
    target.removeEventListener = function (type, listener, options) { if (known.delete(listener)) window.counts.page--; return remove.call(this, type, listener, options); };
  }
  for (const name of ['ResizeObserver', 'MutationObserver']) {
    const Original = window[name];
    window[name] = class extends Original {
      observe(...args) { if (!this.counted) { this.counted = true; window.counts.observers++; } return super.observe(...args); }
      disconnect() { if (this.counted) { this.counted = false; window.counts.observers--; } return super.disconnect(); }
    };
  }`;

let script = '';
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createApp } from './state/app';
        import { panelView } from './views/frame/panelView';
        const app = createApp('panel');
        const before = { ...window.counts };
        const places = [0, 1].map((place) => {
          const node = document.createElement('div');
          node.id = 'place-' + place;
          document.getElementById('app').append(node);
          return node;
        });
        const ends = places.map((place) => panelView(place, app));
        window.lab = { ends, before, endApp: () => app.dispose() };`,
      resolveDir: join(import.meta.dirname, '../../webview'),
      loader: 'ts',
    },
    bundle: true,
    format: 'iife',
    write: false,
    target: 'chrome128',
    // As the product is built, so that the toolkit keeps to the page's policy.
    plugins: bundles.find(({ entryPoints }) => entryPoints && 'webview' in entryPoints)?.plugins ?? [],
  });
  script = outputFiles[0]?.text ?? '';
});

test('two panels in one page: both follow, no id is there twice, and one that goes leaves the other as it is', async () => {
  const host = await realRun();
  const { page } = await open({ view: 'panel', host, script, before: COUNTING, width: 1000, height: 2400 });
  for (const place of [0, 1]) await page.locator(`#place-${place} .heat-pixels`).waitFor();
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    const referred = [...document.querySelectorAll('[aria-controls], [aria-labelledby], [aria-describedby]')].flatMap(
      (node) =>
        ['aria-controls', 'aria-labelledby', 'aria-describedby'].flatMap((name) => node.getAttribute(name) ?? []),
    );
    return {
      doubled: ids.filter((id, index) => ids.indexOf(id) !== index),
      // A list that is closed refers to nothing.
      lost: referred.filter((id) => id !== '' && !ids.includes(id)),
    };
  });
  expect(twice).toEqual({ doubled: [], lost: [] });

  // One token is looked at in both.
  await page.locator('#place-0 [data-sequence=source] .token[data-index="3"]').click();
  await page.locator('#place-1 [data-sequence=source] .token.locked[data-index="3"]').waitFor();
  await page.locator('#place-1 .ranked-token').first().waitFor();

  const counts = (): Promise<Counts> => page.evaluate(() => ({ ...(Reflect.get(window, 'counts') as Counts) }));
  const both = await counts();
  const none = await page.evaluate(() => Reflect.get(Reflect.get(window, 'lab') as Lab, 'before') as Counts);
  await page.evaluate(() => (Reflect.get(window, 'lab') as Lab).ends[0]?.());
  expect(await page.locator('#place-0 > *').count()).toBe(0);
  const one = await counts();
  expect(one.page - none.page).toBe((both.page - none.page) / 2);
  expect(one.observers).toBeLessThan(both.observers);

  // The other goes on by itself.
  await page.locator('#place-1 [role=tab][data-id=decoder]').click();
  await expect.poll(() => host.view.kind).toBe('decoder');
  await page.locator('#place-1 .heat[aria-label^="Masked decoder"]').waitFor();

  await page.evaluate(() => {
    const lab = Reflect.get(window, 'lab') as Lab;
    lab.ends[1]?.();
    lab.endApp();
  });
  expect(await page.locator('#place-1 > *').count()).toBe(0);
  const left = await counts();
  // The toolkit's own observers go with its elements, when those are collected; of the views' nothing is left.
  expect(left.page).toBeLessThanOrEqual(none.page);
});
