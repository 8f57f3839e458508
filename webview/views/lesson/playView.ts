/** One thing that the reader changes at a station, to see what becomes of the numbers; one click brings the true ones back. */
import { followed, isOfHead, needsNumbers } from '../../../src/lesson/stations';
import { MOST_WORD, type LessonPlay } from '../../../src/protocol/lessonPlace';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { textField } from '../../controls/textField';
import { el, setText } from '../../dom';
import { headName, layerName, tokenLabel } from '../../format';
import { tokensOf } from '../../state/appState';
import { placeWithin } from '../../state/lesson/lessonPlaces';
import { view } from '../view';
import { changedNumbers } from './changed';

export const playView = view((app, scope) => {
  const { state } = app;
  const place = () => state.view.lesson && placeWithin(state, state.view.lesson);
  const change = (lessonPlay: LessonPlay | null): void => app.setView({ lessonPlay });
  const head = button({
    label: '',
    icon: 'circle-slash',
    press: () => {
      const at = place();
      if (at) change({ change: 'head', kind: at.kind, layer: at.layer, head: at.head });
    },
  });
  const mask = button({ label: say('lesson.play.mask'), icon: 'eye', press: () => change({ change: 'mask' }) });
  const positions = button({
    label: say('lesson.play.positions'),
    icon: 'arrow-swap',
    press: () => change({ change: 'positions' }),
  });
  const swap = (text: string): void => {
    const at = place();
    const word = text.trim().slice(0, MOST_WORD);
    if (at && word !== '') change({ change: 'token', sequence: followed(at.kind), index: at.token, text: word });
  };
  const word = textField(say('lesson.play.word'), say('lesson.play.word'), swap);
  const put = button({ label: say('lesson.play.swap'), press: () => swap(word.value()) });
  const restore = button({
    label: say('lesson.play.restore'),
    icon: 'discard',
    primary: true,
    press: () => change(null),
  });
  const told = el('p', { class: 'lesson-played', role: 'status' });
  const choices = el('div', { class: 'lesson-controls' }, head.element, mask.element, positions.element);
  const words = el('div', { class: 'lesson-controls' }, word.element, put.element);
  const element = el(
    'section',
    { class: 'lesson-play', aria: { label: say('lesson.play') } },
    el('h4', {}, say('lesson.play')),
    el('div', { class: 'lesson-controls' }, told, restore.element),
    choices,
    words,
  );
  scope.onDispose(word.dispose);
  scope.draw(() => {
    const at = place();
    const { lessonPlay } = state.view;
    element.hidden = !at || (!needsNumbers(at.stage) && lessonPlay === null);
    if (!at) return;
    head.element.hidden = !isOfHead(at.stage) && at.stage !== 'heads' && at.stage !== 'projection';
    head.setLabel(say('lesson.play.head', { head: headName(at.head), layer: layerName(at.layer) }));
    mask.element.hidden = at.kind !== 'decoder';
    restore.element.hidden = lessonPlay === null;
    setText(told, lessonPlay ? playedText(lessonPlay) : '');
  });
  return element;

  /** What was changed, and how much of it is seen at this station. */
  function playedText(play: LessonPlay): string {
    const { lesson } = state;
    const { changed, all } = lesson ? changedNumbers(lesson) : { changed: 0, all: 0 };
    const seen = all === 0 ? '' : say('lesson.play.seen', { changed, all });
    return `${whatIs(play)} ${seen}`.trim();
  }

  function whatIs(play: LessonPlay): string {
    switch (play.change) {
      case 'head':
        return say('lesson.play.is.head', { head: headName(play.head), layer: layerName(play.layer) });
      case 'mask':
        return say('lesson.play.is.mask');
      case 'positions':
        return say('lesson.play.is.positions');
      case 'token': {
        const token = tokenLabel(tokensOf(state.snapshot, play.sequence)[play.index]);
        return say('lesson.play.is.token', { token, word: play.text });
      }
    }
  }
});
