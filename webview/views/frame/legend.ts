/** The colour scale in words and colours; always there. */
import { MINUS } from '../../../src/measure/numbers';
import { say } from '../../../src/text/say';
import { el, setAttribute, setText } from '../../dom';
import { rampOf } from '../../theme';
import { view } from '../view';

const WIDTH = 96;
const HEIGHT = 10;

/** A scale's end to three digits; it may be any number, since a measure's scale can end at the largest number in the text. */
const endText = (value: number): string => `${value < 0 ? MINUS : ''}${Number(Math.abs(value).toPrecision(3))}`;

export const legend = view((app, scope) => {
  const canvas = el('canvas', { class: 'legend-ramp', aria: { hidden: true } });
  canvas.width = 256;
  canvas.height = 1;
  canvas.style.width = `${WIDTH}px`;
  canvas.style.height = `${HEIGHT}px`;
  const low = el('span', { class: 'legend-end' });
  const high = el('span', { class: 'legend-end' });
  const element = el('span', { class: 'legend', role: 'img' }, low, canvas, high);
  scope.draw(() => {
    const { palette, view: shown, difference } = app.state;
    const measure = difference?.measure ?? app.state.measure.shown;
    const [least, most] = measure.range;
    const image = new ImageData(256, 1);
    image.data.set(rampOf(palette, measure).table);
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    const byRow = shown.scale === 'row';
    setText(low, byRow && measure.signed ? say('webview.legend.rowLeast') : endText(least));
    setText(high, byRow ? say('webview.legend.rowMost') : endText(most));
    setAttribute(
      element,
      'aria-label',
      say('webview.legend.label', {
        least: low.textContent,
        most: high.textContent,
        measure: say(measure.title).toLowerCase(),
      }),
    );
    element.title = say(measure.about);
  });
  return element;
});
