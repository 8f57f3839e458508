/** The lesson's formulas in MathML, each with the sentence that a screen reader says. */
import type { LessonStage } from '../../../src/protocol/lessonPlace';
import { say } from '../../../src/text/say';

const MATHML = 'http://www.w3.org/1998/Math/MathML';

type Part = Element | string;

function m(tag: string, ...parts: readonly Part[]): Element {
  const node = document.createElementNS(MATHML, tag);
  node.append(...parts);
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

const FORMULAS: Readonly<Record<LessonStage, () => Element>> = {
  tokens: () => row('text', '→', '(', sub('t', '1'), ',', '…', ',', sub('t', 'n'), ')'),
  embedding: () => row(sub(vector('e'), 'i'), '=', vector('E'), '[', sub('t', 'i'), ']'),
  position: () => row(sub(vector('p'), 'i'), '=', vector('P'), '[', 'i', ']'),
  stream: () => row(sub(vector('x'), 'i'), '=', 'c', '·', sub(vector('e'), 'i'), '+', sub(vector('p'), 'i')),
  vectors: () =>
    row(
      ...(['q', 'k', 'v'] as const).flatMap((name, at) => [
        ...(at > 0 ? [','] : []),
        vector(name),
        '=',
        vector('x'),
        sub(vector('W'), name.toUpperCase()),
        '+',
        sub(vector('b'), name.toUpperCase()),
      ]),
    ),
  scores: () => row(sub('s', 'j'), '=', over(row(vector('q'), '·', sub(vector('k'), 'j')), root('d'))),
  mask: () => row(m('msubsup', leaf('s'), leaf('j'), leaf('′')), '=', sub('s', 'j'), '+', sub('m', 'j')),
  softmax: () => row(sub('w', 'j'), '=', over(exp(sub('s', 'j')), row(sum('k'), exp(sub('s', 'k'))))),
  values: () => row(vector('z'), '=', sum('j'), sub('w', 'j'), sub(vector('v'), 'j')),
  heads: () => row(vector('z'), '=', '[', sup(vector('z'), '1'), ';', '…', ';', sup(vector('z'), 'H'), ']'),
  projection: () => row(vector('o'), '=', vector('z'), sub(vector('W'), 'O'), '+', sub(vector('b'), 'O')),
  residual: () => row(vector('y'), '=', norm(row(vector('x'), '+', vector('o')))),
  feedForward: () =>
    row(
      vector('f'),
      '=',
      'φ',
      '(',
      vector('y'),
      sub(vector('W'), '1'),
      '+',
      sub(vector('b'), '1'),
      ')',
      sub(vector('W'), '2'),
      '+',
      sub(vector('b'), '2'),
    ),
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

/** A stage's formula as a block. */
export function formula(stage: LessonStage): Element {
  const node = m('math', FORMULAS[stage]());
  node.setAttribute('display', 'block');
  const spoken = say(`lesson.formula.${stage}`);
  node.setAttribute('alttext', spoken);
  node.setAttribute('aria-label', spoken);
  node.setAttribute('role', 'math');
  return node;
}
