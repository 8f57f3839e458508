/** The lesson on the text that is shown: the map of the model, and the station where the reader stands. */
import { followed, isOfHead, isOfLayer, needsNumbers, type Station } from '../../../src/lesson/stations';
import { formulaName, type FormulaName } from '../../../src/lesson/formulaName';
import { madeOf, numberIn } from '../../../src/lesson/made';
import type { LessonAnswer } from '../../../src/protocol/answers/lessonAnswers';
import { LESSON_PATHS, type LessonPlace, type LessonStage } from '../../../src/protocol/lessonPlace';
import { say, type PlainKey } from '../../../src/text/say';
import { button } from '../../controls/button';
import { dropdown } from '../../controls/dropdown';
import { el, setText } from '../../dom';
import { layerName, headName, tokenLabel } from '../../format';
import { kindsOf, tokensOf } from '../../state/appState';
import { partsIn, placeAt, placeWithin, stationIndex, stationsIn } from '../../state/lesson/lessonPlaces';
import { NOWHERE, stepThrough, visited } from '../../state/lesson/visited';
import { announcer } from '../announcer';
import { view } from '../view';
import { checksOf, factsOf, lookFor, questionOf } from './stationFacts';
import { knownPicture } from './known';
import { lessonMap, partKey } from './lessonMap';
import { playView } from './playView';
import { formula } from './mathml';
import { madeText } from './madeText';
import { picture, tensorName } from './picture';
import { shownNumber } from './strip';

/** Forms of a stage that work otherwise, and have sentences of their own. */
const OWN_TEXT = [
  'residualPre',
  'scoresPlain',
  'positionRotary',
  'positionRelative',
  'streamPlain',
  'feedForwardGated',
  'vectorsCross',
] as const;

function textOf(stage: LessonStage, name: FormulaName): string {
  // Where the norm stands changes these formulas and not what is said of them.
  const own = OWN_TEXT.find((one) => one === name || name === `${one}Pre`);
  return say(`lesson.text.${own ?? stage}`);
}

/** A pointer that crosses numbers asks about those it rests on. */
const REST = 150;

export const lessonView = view((app, scope) => {
  const { state } = app;
  const go = (place: Partial<LessonPlace>): void => {
    const { lesson } = state.view;
    if (lesson) app.setView({ lesson: placeWithin(state, { ...lesson, feature: 0, ...place }) });
  };
  const move = (by: number): void => {
    const { lesson } = state.view;
    const to = lesson && stationsIn(state)[stationIndex(state, lesson) + by];
    if (lesson && to) app.setView({ lesson: placeAt(state, lesson, to) });
  };
  const skip = (): void => {
    const { snapshot, view: shown } = state;
    if (!snapshot?.model || !shown.lesson) return;
    const { kind, stage } = shown.lesson;
    const parts = partsIn(state);
    const next = parts[parts.findIndex((part) => part.kind === kind && part.stages.includes(stage)) + 1];
    if (next?.stages[0])
      app.setView({ lesson: placeAt(state, shown.lesson, { kind: next.kind, stage: next.stages[0] }) });
  };

  /** Where the reader has been since the page was opened. */
  let been = NOWHERE;
  const again = (by: -1 | 1): void => {
    const to = stepThrough(been, by);
    const lesson = to?.places[to.at];
    if (!to || !lesson) return;
    been = to;
    app.setView({ lesson: placeWithin(state, lesson) });
  };

  const path = el('ol', { class: 'lesson-path', aria: { label: say('lesson.path') } });
  const progress = el('span', { class: 'hint' });
  const back = button({ label: say('lesson.previous'), icon: 'arrow-left', press: () => move(-1) });
  const next = button({ label: say('lesson.next'), icon: 'arrow-right', primary: true, press: () => move(1) });
  const over = button({ label: say('lesson.skip'), icon: 'debug-step-over', press: skip });
  const route = dropdown(say('lesson.paths'), (index) => {
    const lessonPath = LESSON_PATHS[index];
    if (lessonPath) app.setView({ lessonPath });
  });
  const earlier = button({
    label: say('lesson.back'),
    icon: 'arrow-circle-left',
    iconOnly: true,
    press: () => again(-1),
  });
  const later = button({
    label: say('lesson.forward'),
    icon: 'arrow-circle-right',
    iconOnly: true,
    press: () => again(1),
  });
  const link = button({
    label: say('lesson.link'),
    icon: 'link',
    iconOnly: true,
    press: () => app.act(app.api.command({ name: 'copyLessonLink' })),
  });
  const spoken = announcer();

  const title = el('h3', { class: 'lesson-title', tabIndex: -1 });
  const text = el('p', { class: 'lesson-text' });
  const absent = el('p', { class: 'hint' });
  const math = el('div', { class: 'lesson-formula' });
  const layer = dropdown(say('lesson.layer'), (index) => go({ layer: index }));
  const head = dropdown(say('lesson.head'), (index) => go({ head: index }));
  const token = dropdown(say('lesson.following'), (index) => go({ token: index }));
  const waiting = el('p', { class: 'lesson-waiting', role: 'status' });
  const cancel = button({ label: say('lesson.cancel'), icon: 'debug-stop', press: () => app.stopLesson() });
  const shownPicture = el('div');
  const look = el('p', { class: 'lesson-look' });
  const made = el('p', { class: 'lesson-made', aria: { live: 'polite' } });
  const making = el('div', { class: 'lesson-making' }, el('h4', {}, say('lesson.made')), made);
  const facts = el('ul', { class: 'lesson-facts' });
  const question = el('div');
  const checks = el('ul', { class: 'lesson-checks hint' });
  const article = el(
    'article',
    { class: 'lesson-article' },
    title,
    text,
    absent,
    math,
    el('div', { class: 'lesson-controls' }, token.element, layer.element, head.element),
    el('div', { class: 'lesson-running' }, waiting, cancel.element),
    shownPicture,
    making,
    facts,
    look,
    question,
    checks,
  );
  scope.mount(playView, article);
  const body = el('div', { class: 'lesson-body' });
  scope.mount(lessonMap, body);
  body.append(article);
  const element = el(
    'section',
    { class: 'lesson', aria: { label: say('lesson.title') } },
    el(
      'div',
      { class: 'lesson-bar-top', role: 'group', aria: { label: say('lesson.walk') } },
      path,
      progress,
      route.element,
      el('span', { class: 'lesson-buttons' }, earlier.element, later.element, link.element),
      el('span', { class: 'spacer' }),
      el('span', { class: 'lesson-buttons' }, back.element, next.element, over.element),
      spoken.element,
    ),
    body,
  );

  scope.listen(element, 'keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key] as 1 | -1 | undefined;
    if (!event.altKey || by === undefined) return;
    if (event.shiftKey) again(by);
    else move(by);
    event.preventDefault();
    // VS Code would hear it too, and go back or forward among editors.
    event.stopPropagation();
  });

  /** The number that is looked at, and the answer that it stands in. */
  let looked: { readonly name: string; readonly index: number } | undefined;
  let answer: LessonAnswer | undefined;
  const asked = scope.timer(() => {
    if (looked && state.view.lesson && state.view.lesson.feature !== looked.index)
      app.setView({ lesson: { ...state.view.lesson, feature: looked.index } });
  }, REST);
  const showMade = (): void => {
    const { lesson } = state.view;
    if (!looked || !answer || !lesson) {
      setText(made, say('lesson.madeHint'));
      return;
    }
    const { name, index } = looked;
    const found = madeOf(lesson, answer, name, index);
    const value = shownNumber(numberIn(lesson, answer, name, index) ?? NaN);
    const number = say('lesson.number', { name: tensorName(name), place: index + 1, value });
    const isMadeHere = answer.checks.some(({ name: checked }) => checked === name);
    // What a product is made of is asked for, one column of its weight at a time.
    const isAsked = !found && isMadeHere && lesson.feature !== index;
    if (isAsked) asked.start();
    else asked.stop();
    const unknown = isMadeHere ? 'lesson.madeUnknown' : 'lesson.madeBefore';
    const plain = isAsked ? number : say(unknown, { number });
    setText(made, found ? madeText(found) : plain);
  };
  const lookAt = (name: string, index: number): void => {
    looked = { name, index };
    showMade();
  };

  let shownCrumbs = '';
  const crumbTo = (label: string, to: Station): HTMLElement =>
    el(
      'button',
      {
        class: 'lesson-crumb',
        on: {
          click: () => {
            const { lesson } = state.view;
            if (lesson) app.setView({ lesson: placeAt(state, lesson, to) });
            // The breadcrumb is gone then, and the keyboard would be nowhere.
            title.focus();
          },
        },
      },
      label,
    );

  /** Everything but which number is looked into: while that changes the picture stays, and with it the reader's place in it. */
  let drawn: { readonly of: string; readonly isThere: boolean } | undefined;
  scope.draw(() => {
    const { snapshot, lesson: came, lessonRuns, palette } = state;
    const place = state.view.lesson && placeWithin(state, state.view.lesson);
    const isReady = place && snapshot?.model && !snapshot.early;
    element.hidden = !isReady;
    if (!isReady) {
      drawn = undefined;
      return;
    }
    const { kind, stage } = place;
    const info = kindsOf(snapshot).find((one) => one.kind === kind);
    const stations = stationsIn(state);
    const at = stationIndex(state, place);
    const part = partsIn(state).find((one) => one.kind === kind && one.stages.includes(stage));
    const name = say(`lesson.name.${stage}`);
    const isBusy = snapshot.status !== 'done' && snapshot.status !== 'paused';
    route.element.hidden = snapshot.model.family !== 'encoder-decoder';
    route.set(
      LESSON_PATHS.map((name) => say(`lesson.path.${name}`)),
      LESSON_PATHS.indexOf(state.view.lessonPath),
    );
    setText(progress, say('lesson.progress', { at: at + 1, all: stations.length }));
    spoken.say(`${name}. ${say('lesson.progress', { at: at + 1, all: stations.length })}`);
    back.enable(at > 0);
    next.enable(at < stations.length - 1);
    been = visited(been, place);
    earlier.enable(stepThrough(been, -1) !== undefined);
    later.enable(stepThrough(been, 1) !== undefined);
    const [first] = stations;
    const partFirst = part?.stages[0];
    const crumbs: readonly (readonly [name: string, to?: Station | undefined])[] = [
      [say('lesson.title'), first],
      ...(part && partFirst ? [[say(partKey(part.name, part.kind)), { kind, stage: partFirst }] as const] : []),
      ...(isOfLayer(stage) ? [[layerName(place.layer, info)] as const] : []),
      [name],
    ];
    if (crumbs.map(([crumb]) => crumb).join('\n') !== shownCrumbs) {
      shownCrumbs = crumbs.map(([crumb]) => crumb).join('\n');
      path.replaceChildren(...crumbs.map(([crumb, to]) => el('li', {}, to ? crumbTo(crumb, to) : crumb)));
    }

    const tokens = tokensOf(snapshot, followed(kind));
    token.set(
      tokens.map((one, index) => `${index + 1} ${tokenLabel(one)}`),
      place.token,
    );
    layer.element.hidden = !isOfLayer(stage);
    head.element.hidden = !isOfHead(stage);
    const count = (all: number | undefined): number[] => Array.from({ length: all ?? 1 }, (_, index) => index);
    layer.set(
      count(info?.layers).map((index) => layerName(index, info)),
      place.layer,
    );
    head.set(count(info?.heads).map(headName), place.head);

    const isWaiting = needsNumbers(stage) && !came && (lessonRuns || isBusy);
    const why: PlainKey = isBusy ? 'lesson.generating' : 'lesson.waiting';
    setText(waiting, isWaiting ? say(why) : '');
    cancel.element.hidden = !isWaiting || isBusy;

    const { feature: _looked, ...rest } = place;
    const of = JSON.stringify([
      rest,
      state.view.lessonPlay,
      state.view.lessonPath,
      snapshot.id,
      snapshot.target.length,
      palette.background,
      palette.foreground,
    ]);
    const isThere = !needsNumbers(stage) || came !== null;
    if (came) answer = came;
    // A picture that is there stays while another of its numbers is looked into.
    if (drawn?.of === of && (drawn.isThere || !isThere)) {
      showMade();
      return;
    }
    drawn = { of, isThere };
    looked = undefined;
    if (!came) answer = undefined;
    setText(title, name);
    const { family } = snapshot.model;
    const gap = state.lessonAbsent.find((one) => one.kind === kind && one.stage === stage);
    const gone = gap ? say('lesson.gone', { reason: gap.reason }) : '';
    const leftOut = say(family === 'encoder-only' ? 'lesson.absent.decoder' : 'lesson.absent.encoder');
    setText(absent, at === 0 && family !== 'encoder-decoder' ? leftOut : gone);
    const written = formulaName(place, came?.numbers ?? {});
    math.replaceChildren(formula(written));
    setText(text, textOf(stage, written));
    making.hidden = !needsNumbers(stage);
    const isLast = at === stations.length - 1;
    const seen = lookFor(place, came);
    const hint = seen ? `${say('lesson.lookFor')}: ${say(seen)}` : '';
    setText(look, isLast ? say('lesson.end') : hint);
    const numbers = came ? [picture(state, place, came, lookAt)] : [];
    shownPicture.replaceChildren(...(needsNumbers(stage) ? numbers : [knownPicture(state, place)]));
    facts.replaceChildren(...(came ? factsOf(state, place, came) : []).map((fact) => el('li', {}, fact)));
    checks.replaceChildren(
      ...(came && !state.view.lessonPlay ? checksOf(came) : []).map((check) => el('li', {}, check)),
    );
    const ask = came && questionOf(state, place, came);
    question.replaceChildren(...(ask ? [ask] : []));
    showMade();
  });
  return element;
});
