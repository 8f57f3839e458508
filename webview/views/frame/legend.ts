/** The colour scale in words and colours; always there. */
import type { App } from '../../state/app';
import { el, setText } from '../../dom';

const WIDTH = 96;
const HEIGHT = 10;

export function legend(app: App): HTMLElement {
  const canvas = el('canvas', { class: 'legend-ramp', aria: { hidden: true } });
  canvas.width = 256;
  canvas.height = 1;
  canvas.style.width = `${WIDTH}px`;
  canvas.style.height = `${HEIGHT}px`;
  const high = el('span', { class: 'legend-end' });
  app.store.watch(
    ({ palette, view }) => [palette, view.scale] as const,
    ([palette, scale]) => {
      const image = new ImageData(256, 1);
      image.data.set(palette.ramp.table);
      canvas.getContext('2d')?.putImageData(image, 0, 0);
      setText(high, scale === 'row' ? 'row’s largest' : '1');
    },
  );
  return el(
    'span',
    { class: 'legend', role: 'img', aria: { label: 'Colour scale of weights from 0 to 1' } },
    el('span', { class: 'legend-end' }, '0'),
    canvas,
    high,
  );
}
