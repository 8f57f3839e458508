/** One number of the lesson as a sentence of the numbers that it was made of. */
import type { Made } from '../../../src/lesson/made';
import { say } from '../../../src/text/say';
import { shownNumber } from './strip';

export function madeText({ step, value, terms, others, rest, bias, scale, from }: Made): string {
  const own = shownNumber(value);
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = from;
  const products = terms.map(({ left, right }) =>
    say('lesson.term', { left: bracketed(left), right: bracketed(right) }),
  );
  const listed = products.join(' + ');
  const whole = others > 0 ? say('lesson.made.more', { terms: listed, rest: bracketed(rest), others }) : listed;
  switch (step) {
    case 'lookup':
      return say('lesson.made.lookup', { value: own, place: a });
    case 'angle':
      return say('lesson.made.angle', { value: own, place: a, frequency: shownNumber(b) });
    case 'distance':
      return say('lesson.made.distance', { value: own, head: a + 1, distance: distanceText(b) });
    case 'sum':
      return say('lesson.made.sum', { value: own, terms: whole, bias: bracketed(bias) });
    case 'scaled':
      return say('lesson.made.scaled', { value: own, terms: whole, scale: shownNumber(scale) });
    case 'softmax':
      return say('lesson.made.softmax', { value: own, part: shownNumber(b), sum: shownNumber(c), count: d });
    case 'plus':
      return say('lesson.made.plus', { value: own, first: bracketed(a), second: bracketed(b + c) });
    case 'norm':
      return say('lesson.made.norm', {
        value: own,
        before: shownNumber(a),
        mean: bracketed(b),
        deviation: shownNumber(c),
        weight: bracketed(d),
        bias: bracketed(e),
      });
    case 'mask':
      return value < -1e4
        ? say('lesson.made.hidden')
        : say('lesson.made.mask', { value: own, score: shownNumber(a), mask: shownNumber(b) });
  }
}

/** How far a token is from the followed one, in tokens. */
export function distanceText(distance: number): string {
  if (distance === 0) return say('lesson.distance.own');
  return say(distance < 0 ? 'lesson.distance.before' : 'lesson.distance.after', { count: Math.abs(distance) });
}

/** A number below zero in brackets, as it stands behind a sign. */
function bracketed(value: number): string {
  const text = shownNumber(value);
  return value < 0 ? `(${text})` : text;
}
