/**
 * The generation view: steps with their probabilities, alternatives to branch to, and the ways to go on. A model that
 * fills in masks instead of generating shows its fill-ins here.
 */
import type { GenerationEnd } from '../../../src/protocol/engine';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { say, type PlainKey } from '../../../src/text/say';
import { button } from '../../controls/button';
import { textField } from '../../controls/textField';
import { el, setText } from '../../dom';
import { tokenCount } from '../../state/shown/names';
import { announcer } from '../announcer';
import { bannersView } from '../frame/banners';
import { emptyView } from '../frame/empty';
import { spokenStatus, statusText } from '../frame/header';
import { fillsView } from '../text/fills';
import { view } from '../view';
import { alternativesView } from './alternatives';
import { beamsView } from './beams';
import { decodingView } from './decoding';
import { stepsView } from './steps';

const ENDS: Readonly<Record<GenerationEnd, PlainKey>> = {
  'end-of-sequence': 'webview.endModel',
  'chosen-end': 'webview.endChosen',
  forced: 'webview.endForced',
  limit: 'webview.endLimit',
  full: 'webview.endFull',
  beam: 'webview.endBeam',
  steps: 'webview.endSteps',
  stopped: 'webview.endStopped',
};

/** How far the generation is, for the eye. */
function stateText(snapshot: ExplanationSnapshot): string {
  if (snapshot.status === 'generating' || snapshot.steps.length === 0) return statusText(snapshot);
  const end = snapshot.end ? say(ENDS[snapshot.end]) : statusText(snapshot);
  return say('webview.generation.state', { tokens: tokenCount(snapshot.steps.length), end });
}

/** The same for the ear: how it ended, never each token. */
const spokenText = (snapshot: ExplanationSnapshot): string =>
  snapshot.status === 'generating' ? spokenStatus(snapshot) : stateText(snapshot);

export const generationView = view((app, scope) => {
  const { state, api } = app;
  const go = (action: 'step' | 'run' | 'stop' | 'restart') => (): void => app.act(api.generation({ action }));
  const step = button({
    label: say('webview.generation.step'),
    icon: 'debug-step-over',
    title: say('webview.generation.stepTitle'),
    press: go('step'),
  });
  const run = button({
    label: say('webview.generation.run'),
    icon: 'play',
    primary: true,
    title: say('webview.generation.runTitle'),
    press: go('run'),
  });
  const stop = button({
    label: say('webview.generation.stop'),
    icon: 'debug-stop',
    title: say('webview.generation.stopTitle'),
    press: go('stop'),
  });
  const restart = button({
    label: say('webview.generation.restart'),
    icon: 'debug-restart',
    iconOnly: true,
    press: go('restart'),
  });
  const progress = el('p', { class: 'generation-state' });
  const spoken = announcer();
  const field = textField(say('webview.generation.field'), say('webview.generation.placeholder'), (text) =>
    app.act(api.force({ text })),
  );
  scope.onDispose(field.dispose);
  const force = button({
    label: say('webview.generation.score'),
    title: say('webview.generation.scoreTitle'),
    press: () => app.act(api.force({ text: field.value() })),
  });
  const controls = el(
    'div',
    { class: 'generation-controls', role: 'toolbar', aria: { label: say('webview.generation.controls') } },
    run.element,
    stop.element,
    step.element,
    restart.element,
  );
  const body = el('div', { class: 'generation-body' }, controls, progress, spoken.element);
  scope.mount(decodingView, body);
  scope.mount(beamsView, body);
  scope.mount(stepsView, body);
  scope.mount(alternativesView, body);
  body.append(el('div', { class: 'forcing' }, field.element, force.element));
  const nothing = el('p', { class: 'hint pad' }, say('webview.generation.none'));
  const page = el('main', { class: 'generation' });
  scope.mount(bannersView, page);
  scope.mount(emptyView(say('webview.empty.generation')), page);
  page.append(body);
  scope.mount(fillsView(say('webview.generation.fillsHint')), page);
  page.append(nothing);
  scope.draw(() => {
    const { snapshot } = state;
    const encoderOnly = snapshot?.model?.family === 'encoder-only';
    body.hidden = !snapshot || encoderOnly;
    nothing.hidden = !encoderOnly || snapshot.model.fillsMasks;
    if (!snapshot) return;
    const generating = snapshot.status === 'generating';
    const idle =
      snapshot.status === 'paused' ||
      snapshot.status === 'done' ||
      (snapshot.status === 'failed' && snapshot.target.length > 0);
    const ended = snapshot.end === 'end-of-sequence' || snapshot.end === 'full' || snapshot.end === 'beam';
    step.enable(idle && !ended);
    run.enable(idle && !ended);
    run.element.hidden = generating;
    stop.element.hidden = !generating;
    restart.enable(idle && snapshot.steps.length > 0);
    force.enable(idle);
    setText(progress, stateText(snapshot));
    spoken.say(spokenText(snapshot));
  });
  return page;
});
