/** Which source words made each written word: two lines of words with bands, or a grid; by pointer and by keyboard. */
import { layerNumber } from '../../../src/attention/layers';
import type { KindInfo, SequenceName, Token } from '../../../src/attention/types';
import { alignedWords, type AlignedWord } from '../../../src/measure/alignment/alignedWords';
import { sharesOf } from '../../../src/measure/alignment/alignedReading';
import { unitsOf } from '../../../src/measure/units';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { dropdown } from '../../controls/dropdown';
import { el, setAttribute, setText } from '../../dom';
import { textLabel } from '../../format';
import { measureWith, paintCanvas } from '../../render/paintCanvas';
import { alignmentChoice, kindsOf, type AppState } from '../../state/appState';
import { placeName, sequenceName } from '../../state/shown/names';
import { section } from '../frame/section';
import { view } from '../view';
import { alignmentGrid } from './alignmentGrid';
import { alignmentScene, WORD_HEIGHT, type DrawnAlignment, type LineWord } from './alignmentScene';

/** Most words on a line: with more of them bands cannot be told apart, and the canvas would be wider than a browser allows. */
const MOST_ON_LINE = 150;
const MOST_IN_GRID = 600;
const SOURCES = ['best', 'head', 'layer-mean', 'all-mean'] as const;
const SOURCE_NAMES = {
  best: 'webview.alignment.source.best',
  head: 'webview.alignment.source.head',
  'layer-mean': 'webview.alignment.source.layerMean',
  'all-mean': 'webview.alignment.source.allMean',
} as const;
const READINGS = ['best', 'fed', 'predicts'] as const;
const FORMS = ['bands', 'grid'] as const;
/** Most words that are named as linked with one word. */
const NAMED = 4;
const SIDES = ['source', 'target'] as const;

const crossOf = ({ snapshot }: AppState): KindInfo | undefined =>
  kindsOf(snapshot).find(({ kind }) => kind === 'cross');

/** The words of a line: separators are left out, punctuation marks are faint. */
const lineOf = (words: readonly AlignedWord[], tokens: readonly Token[]): readonly LineWord[] =>
  words.flatMap(({ text, kind }, word) => {
    const unit = unitsOf(tokens, 'words')[word];
    return kind === 'special' || !unit ? [] : [{ word, text, muted: kind === 'punctuation', unit }];
  });

/** What the alignment is read off, and how well that does on the probe set. */
function readOff(state: AppState): string {
  const { source, layer, head, score } = alignmentChoice(state);
  const info = crossOf(state);
  const places = {
    head: placeName({ layer, head }, info),
    'layer-mean': say('webview.alignment.layerMean', { layer: layerNumber(info, layer) }),
    'all-mean': say('webview.alignment.allMean'),
  };
  const place = places[source];
  const scores = state.scores?.alignment;
  if (score === null || !scores) return say('webview.alignment.unmeasured', { place });
  const gaps = { place, score: score.toFixed(2), count: scores.count };
  return say(scores.known === 'links' ? 'webview.alignment.measured' : 'webview.alignment.measuredByNames', gaps);
}

export const alignmentView = view((app, scope) => {
  const { state } = app;
  const note = el('span', { class: 'section-note' });
  const source = dropdown(say('webview.alignment.source'), (index) =>
    app.setView({ alignment: { ...state.view.alignment, source: SOURCES[index] ?? 'best' } }),
  );
  const reading = dropdown(say('webview.alignment.reading'), (index) =>
    app.setView({ alignment: { ...state.view.alignment, reading: READINGS[index] ?? 'best' } }),
  );
  const form = dropdown(say('webview.alignment.form'), (index) => {
    shape = FORMS[index] ?? 'bands';
    redraw();
  });
  const copy = button({
    label: say('webview.alignment.copy'),
    icon: 'copy',
    title: say('webview.alignment.copyTitle'),
    press: () => app.act(app.api.command({ name: 'copyAlignment' })),
  });
  const measure = button({
    label: say('webview.alignment.find'),
    icon: 'beaker',
    title: say('webview.alignment.findTitle'),
    press: () => app.act(app.api.command({ name: 'findAligner' })),
  });
  source.element.classList.add('aligned-source');
  reading.element.classList.add('aligned-reading');
  form.element.classList.add('aligned-form');
  const { element, body } = section(say('webview.alignment.title'), note);
  element.classList.add('alignment');
  const about = el('p', { class: 'hint' });
  const readout = el('p', { class: 'readout', role: 'status' });
  const canvas = el('canvas', { class: 'aligned-canvas', aria: { hidden: true } });
  const lines = {
    source: el('div', { class: 'aligned-line', role: 'group' }),
    target: el('div', { class: 'aligned-line', role: 'group' }),
  };
  const stage = el('div', { class: 'aligned-stage' }, canvas, lines.source, lines.target);
  const scroller = el('div', { class: 'scroller' }, stage);
  const tools = el(
    'div',
    { class: 'role-controls' },
    source.element,
    reading.element,
    form.element,
    copy.element,
    measure.element,
  );
  body.append(tools, about, readout, scroller);
  let shape: (typeof FORMS)[number] = 'bands';
  let words: Readonly<Record<SequenceName, readonly AlignedWord[]>> = { source: [], target: [] };
  const at = { source: 0, target: 0 };

  const phrase = (side: SequenceName, word: number): string => {
    const { alignment } = state;
    const own = words[side][word];
    if (!alignment || !own) return '';
    const others = words[side === 'target' ? 'source' : 'target'];
    const named = [...sharesOf(alignment, side, word)]
      .map((share, other) => ({ share, other }))
      .filter(({ share }) => share >= 0.005)
      .sort((one, other) => other.share - one.share)
      .slice(0, NAMED)
      .map(({ share, other }) =>
        say('webview.alignment.share', { word: textLabel(others[other]?.text ?? ''), share: share.toFixed(2) }),
      )
      .join(', ');
    const gaps = { word: textLabel(own.text), others: named };
    if (named === '') {
      const isRead = side === 'source' || word < alignment.readWords;
      return say(isRead ? 'webview.alignment.nothing' : 'webview.alignment.notFed', { word: gaps.word });
    }
    return side === 'target' ? say('webview.alignment.madeFrom', gaps) : say('webview.alignment.wentInto', gaps);
  };

  const overlay = (side: SequenceName, { boxes }: DrawnAlignment): void => {
    const line = lines[side];
    setAttribute(line, 'aria-label', sequenceName(state.snapshot, side));
    const known = [...line.children].filter((node) => node instanceof HTMLElement);
    const nodes = boxes[side].map((_, index) => known[index] ?? el('button', { class: 'aligned-word', tabIndex: -1 }));
    if (nodes.length !== known.length) line.replaceChildren(...nodes);
    at[side] = Math.min(at[side], Math.max(0, nodes.length - 1));
    nodes.forEach((node, index) => {
      const box = boxes[side][index];
      if (!box) return;
      node.dataset['word'] = String(box.word);
      node.style.left = `${box.x}px`;
      node.style.top = `${box.y}px`;
      node.style.width = `${box.width}px`;
      const next = boxes.target[1];
      const cell = next ? next.y - (boxes.target[0]?.y ?? 0) : WORD_HEIGHT;
      const top = boxes.target[0]?.y ?? WORD_HEIGHT;
      const inGrid = side === 'target' ? cell : top;
      node.style.height = `${shape === 'bands' ? WORD_HEIGHT : inGrid}px`;
      node.tabIndex = index === at[side] ? 0 : -1;
      setAttribute(node, 'aria-label', phrase(side, box.word));
    });
  };

  const draw = (): void => {
    const { alignment, snapshot, view: shown, focus, palette } = state;
    const info = crossOf(state);
    element.hidden = info === undefined || shown.kind !== 'cross';
    if (element.hidden || !snapshot || !info) return;
    const choice = alignmentChoice(state);
    setText(note, readOff(state));
    source.set(
      SOURCES.map((name) => say(SOURCE_NAMES[name])),
      SOURCES.indexOf(shown.alignment.source),
    );
    reading.set(
      READINGS.map((name) => say(`webview.alignment.reading.${name}`)),
      READINGS.indexOf(shown.alignment.reading),
    );
    form.set(
      FORMS.map((name) => say(`webview.alignment.form.${name}`)),
      FORMS.indexOf(shape),
    );
    setText(about, say(`webview.alignment.about.${choice.reading}`));
    measure.element.hidden = Boolean(state.scores?.alignment);
    const length = { source: alignment?.sourceWords ?? 0, target: alignment?.targetWords ?? 0 };
    words = {
      source: alignedWords(snapshot.source).slice(0, length.source),
      target: alignedWords(snapshot.target).slice(0, length.target),
    };
    const line = { source: lineOf(words.source, snapshot.source), target: lineOf(words.target, snapshot.target) };
    const most = Math.max(line.source.length, line.target.length);
    const isTooLong = most > (shape === 'bands' ? MOST_ON_LINE : MOST_IN_GRID);
    scroller.hidden = isTooLong || line.source.length === 0 || line.target.length === 0 || !alignment;
    copy.enable(alignment !== null && line.target.length > 0);
    if (scroller.hidden || !alignment) {
      const why = isTooLong
        ? say(`webview.alignment.tooLong.${shape}`, { words: most })
        : say('webview.alignment.none');
      setText(readout, alignment ? why : say('webview.alignment.waiting'));
      return;
    }
    const isOwn = focus?.by === 'alignment';
    const side = focus?.sequence ?? 'target';
    const word = isOwn
      ? words[side].findIndex(({ from, to }) => focus.indices.some((index) => index >= from && index < to))
      : -1;
    const font = getComputedStyle(scroller).fontFamily;
    const picture = {
      source: line.source,
      target: line.target,
      share: (to: number, from: number) => alignment.data[to * alignment.sourceWords + from] ?? 0,
      focus: word < 0 ? null : { side, word },
      palette,
      font,
      measure: measureWith(canvas, font),
      width: scroller.clientWidth - 2,
    };
    const drawn = shape === 'bands' ? alignmentScene(picture) : alignmentGrid(picture);
    paintCanvas(canvas, drawn.scene, window.devicePixelRatio);
    for (const one of SIDES) overlay(one, drawn);
    setText(readout, word < 0 ? say('webview.alignment.hint') : phrase(side, word));
  };
  const redraw = scope.onFrame(draw);
  scope.draw(draw);
  scope.resize(scroller, redraw);

  const look = (side: SequenceName, target: EventTarget | null): void => {
    const node = target instanceof HTMLElement ? target.closest<HTMLElement>('.aligned-word') : null;
    const own = words[side][Number(node?.dataset['word'] ?? -1)];
    if (!own) return;
    app.lookAt(
      side,
      Array.from({ length: own.to - own.from }, (_, index) => own.from + index),
    );
  };
  for (const side of SIDES) {
    const line = lines[side];
    const nodes = (): HTMLElement[] => [...line.querySelectorAll<HTMLElement>('.aligned-word')];
    scope.listen(line, 'pointerover', (event) => look(side, event.target));
    scope.listen(line, 'focusin', (event) => look(side, event.target));
    scope.listen(line, 'pointerleave', () => app.hover(null));
    scope.listen(line, 'keydown', (event) => {
      const all = nodes();
      const here = all.findIndex((node) => node === document.activeElement);
      const to = {
        ArrowRight: here + 1,
        ArrowDown: here + 1,
        ArrowLeft: here - 1,
        ArrowUp: here - 1,
        Home: 0,
        End: all.length - 1,
      }[event.key];
      const next = to === undefined ? undefined : all[to];
      if (to === undefined || !next) return;
      event.preventDefault();
      at[side] = to;
      next.focus();
    });
  }
  return element;
});
