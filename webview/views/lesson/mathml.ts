/** The lesson's formulas in MathML, each with the sentence that a screen reader says. */
import type { FormulaName } from '../../../src/lesson/formulaName';
import { say } from '../../../src/text/say';

const MATHML = 'http://www.w3.org/1998/Math/MathML';

type Part = Element | string;

/** A part that stands in a formula already is copied: put in once more, it would go from where it was. */
function m(tag: string, ...parts: readonly Part[]): Element {
  const node = document.createElementNS(MATHML, tag);
  // One after another: the same part can be given several times.
  for (const part of parts) node.append(typeof part !== 'string' && part.parentNode ? part.cloneNode(true) : part);
  return node;
}

/** Letters are names, digits numbers, all else operators. */
function leaf(text: string): Element {
  if (/^\d/.test(text)) return m('mn', text);
  return m(/^\p{L}/u.test(text) ? 'mi' : 'mo', text);
}

/** `q`, `·`, and so on, or what is made already. */
const row = (...parts: readonly Part[]): Element =>
  m('mrow', ...parts.map((part) => (typeof part === 'string' ? leaf(part) : part)));
const sub = (base: Part, index: Part): Element => m('msub', row(base), row(index));
const sup = (base: Part, index: Part): Element => m('msup', row(base), row(index));
const over = (top: Element, bottom: Element): Element => m('mfrac', top, bottom);
const root = (inner: Part): Element => m('msqrt', row(inner));
const sum = (index: Part): Element => m('munder', leaf('∑'), row(index));
const vector = (name: string): Element => {
  const node = leaf(name);
  node.setAttribute('mathvariant', 'bold');
  return node;
};
const norm = (inner: Element): Element => row('Norm', '(', inner, ')');
const exp = (inner: Part): Element => sup('e', inner);

/** q, k and v as products of `input`; keys and values of `read` where that is another one. */
const threeVectors = (input: Element, read = input): Element =>
  row(
    ...(['q', 'k', 'v'] as const).flatMap((name, at) => [
      ...(at > 0 ? [','] : []),
      vector(name),
      '=',
      name === 'q' ? input : read,
      sub(vector('W'), name.toUpperCase()),
      '+',
      sub(vector('b'), name.toUpperCase()),
    ]),
  );
const network = (input: Element): Element =>
  row(
    ...[vector('f'), '=', 'φ', '(', input, sub(vector('W'), '1'), '+', sub(vector('b'), '1'), ')'],
    ...[sub(vector('W'), '2'), '+', sub(vector('b'), '2')],
  );

/** Two inner products: one goes through the activation and is multiplied with the other, number by number. */
const gatedNetwork = (input: Element): Element =>
  row(
    ...[vector('f'), '=', '(', 'φ', '(', input, sub(vector('W'), '1'), '+', sub(vector('b'), '1'), ')', '⊙'],
    ...['(', input, sub(vector('W'), '3'), '+', sub(vector('b'), '3'), ')', ')'],
    ...[sub(vector('W'), '2'), '+', sub(vector('b'), '2')],
  );

const FORMULAS: Readonly<Record<FormulaName, () => Element>> = {
  tokens: () => row('text', '→', '(', sub('t', '1'), ',', '…', ',', sub('t', 'n'), ')'),
  embedding: () => row(sub(vector('e'), 'i'), '=', vector('E'), '[', sub('t', 'i'), ']'),
  position: () => row(sub(vector('p'), 'i'), '=', vector('P'), '[', 'i', ']'),
  // a pair of numbers turned by the angle i·θ, as one multiplies complex numbers
  positionRotary: () =>
    row(
      sub('α', row('i', ',', 'm')),
      '=',
      'i',
      '·',
      sub('θ', 'm'),
      ',',
      sub(vector('q'), 'm'),
      '→',
      sub(vector('q'), 'm'),
      exp(row(m('mi', 'ι'), sub('α', row('i', ',', 'm')))),
    ),
  positionRelative: () =>
    row(m('msubsup', leaf('s'), leaf('j'), leaf('′')), '=', sub('s', 'j'), '+', sub('b', row('h', ',', 'j', '−', 'i'))),
  streamPlain: () => row(sub(vector('x'), 'i'), '=', 'c', '·', sub(vector('e'), 'i')),
  stream: () => row(sub(vector('x'), 'i'), '=', 'c', '·', sub(vector('e'), 'i'), '+', sub(vector('p'), 'i')),
  vectors: () => threeVectors(vector('x')),
  vectorsPre: () => threeVectors(norm(vector('x'))),
  vectorsCross: () => threeVectors(vector('x'), vector('h')),
  vectorsCrossPre: () => threeVectors(norm(vector('x')), vector('h')),
  scores: () => row(sub('s', 'j'), '=', over(row(vector('q'), '·', sub(vector('k'), 'j')), root('d'))),
  mask: () => row(m('msubsup', leaf('s'), leaf('j'), leaf('′')), '=', sub('s', 'j'), '+', sub('m', 'j')),
  softmax: () => row(sub('w', 'j'), '=', over(exp(sub('s', 'j')), row(sum('k'), exp(sub('s', 'k'))))),
  values: () => row(vector('z'), '=', sum('j'), sub('w', 'j'), sub(vector('v'), 'j')),
  heads: () => row(vector('z'), '=', '[', sup(vector('z'), '1'), ';', '…', ';', sup(vector('z'), 'H'), ']'),
  projection: () => row(vector('o'), '=', vector('z'), sub(vector('W'), 'O'), '+', sub(vector('b'), 'O')),
  scoresPlain: () => row(sub('s', 'j'), '=', vector('q'), '·', sub(vector('k'), 'j')),
  residualPre: () => row(vector('y'), '=', vector('x'), '+', vector('o')),
  residual: () => row(vector('y'), '=', norm(row(vector('x'), '+', vector('o')))),
  feedForward: () => network(vector('y')),
  feedForwardPre: () => network(norm(vector('y'))),
  feedForwardGated: () => gatedNetwork(vector('y')),
  feedForwardGatedPre: () => gatedNetwork(norm(vector('y'))),
  layerEndPre: () => row(sup(vector('x'), '′'), '=', vector('y'), '+', vector('f')),
  layerEnd: () => row(sup(vector('x'), '′'), '=', norm(row(vector('y'), '+', vector('f')))),
  states: () => row(vector('H'), '=', '(', sub(vector('h'), '1'), ',', '…', ',', sub(vector('h'), 'n'), ')'),
  logits: () =>
    row(
      vector('l'),
      '=',
      vector('x'),
      vector('U'),
      '+',
      vector('b'),
      ',',
      sub('p', 't'),
      '=',
      over(exp(over(sub('l', 't'), row('T'))), row(sum('u'), exp(over(sub('l', 'u'), row('T'))))),
    ),
  next: () => row(sub('t', row('n', '+', '1')), '=', m('munder', leaf('argmax'), row('t')), sub('p', 't')),
  loop: () => row('(', sub('t', '1'), ',', '…', ',', sub('t', 'n'), ')', '→', sub('t', row('n', '+', '1'))),
  forcing: () =>
    row(
      'P',
      '(',
      't',
      ')',
      '=',
      m('munder', leaf('∏'), row('n')),
      'P',
      '(',
      sub('t', 'n'),
      '|',
      sub('t', row('<', 'n')),
      ')',
    ),
};

/** A formula as a block. */
export function formula(name: FormulaName): Element {
  const node = m('math', FORMULAS[name]());
  node.setAttribute('display', 'block');
  const spoken = say(`lesson.formula.${name}`);
  node.setAttribute('alttext', spoken);
  node.setAttribute('aria-label', spoken);
  node.setAttribute('role', 'math');
  return node;
}
