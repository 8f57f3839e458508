/**
 * The generation view: steps with their probabilities, alternatives to branch to, and the ways to go on. A model that
 * fills in masks instead of generating shows its fill-ins here.
 */
import type { GenerationEnd } from '../../../src/protocol/engine';
import { say, type SentenceKey } from '../../../src/text/say';
import type { App } from '../../state/app';
import { button } from '../../controls/button';
import { textField } from '../../controls/textField';
import { el, setText } from '../../dom';
import { count } from '../../format';
import { alternativesView } from './alternatives';
import { bannersView } from '../frame/banners';
import { emptyView } from '../frame/empty';
import { fillsView } from '../text/fills';
import { stepsView } from './steps';
import { statusText } from '../frame/header';

const ENDS = {
  'end-of-sequence': 'webview.endModel',
  'chosen-end': 'webview.endChosen',
  forced: 'webview.endForced',
  limit: 'webview.endLimit',
  full: 'webview.endFull',
  steps: 'webview.endSteps',
  stopped: 'webview.endStopped',
} as const satisfies Record<GenerationEnd, SentenceKey>;

export function generationView(app: App): HTMLElement {
  const { store, api } = app;
  const go = (action: 'step' | 'run' | 'stop' | 'restart') => (): void => app.act(api.generation({ action }));
  const step = button({ label: 'Step', icon: 'debug-step-over', title: 'Generate one token', press: go('step') });
  const run = button({ label: 'Run', icon: 'play', primary: true, title: 'Generate to the end', press: go('run') });
  const stop = button({
    label: 'Stop',
    icon: 'debug-stop',
    title: 'Stop generating; what is there stays',
    press: go('stop'),
  });
  const restart = button({
    label: 'Restart: generate again from the start',
    icon: 'debug-restart',
    iconOnly: true,
    press: go('restart'),
  });
  const state = el('p', { class: 'generation-state', role: 'status', aria: { live: 'polite' } });
  const field = textField('Text to teacher-force', 'Type a text to score it…', (text) => app.act(api.force({ text })));
  const force = button({
    label: 'Score',
    title: 'Feed this text instead and show each token’s probability (teacher forcing)',
    press: () => app.act(api.force({ text: field.value() })),
  });
  const controls = el(
    'div',
    { class: 'generation-controls', role: 'toolbar', aria: { label: 'Generation' } },
    run.element,
    stop.element,
    step.element,
    restart.element,
  );
  const forcing = el('div', { class: 'forcing' }, field.element, force.element);
  const body = el('div', { class: 'generation-body' }, controls, state, stepsView(app), alternativesView(app), forcing);
  const nothing = el(
    'p',
    { class: 'hint pad' },
    'This model reads text: it neither generates any nor fills in masked tokens.',
  );
  const fills = fillsView(
    app,
    'This model fills in masked tokens instead of generating: click a token in the panel, then Mask (or press M on it).',
  );
  const page = el(
    'main',
    { class: 'generation' },
    bannersView(app),
    emptyView(app, 'Explain some text first; each generated token then appears here with its probability.'),
    body,
    fills,
    nothing,
  );
  store.watch(
    ({ snapshot }) => [snapshot] as const,
    ([snapshot]) => {
      const encoderOnly = snapshot?.model?.family === 'encoder-only';
      body.hidden = !snapshot || encoderOnly;
      nothing.hidden = !encoderOnly || snapshot.model.fillsMasks;
      if (!snapshot) return;
      const generating = snapshot.status === 'generating';
      const idle =
        snapshot.status === 'paused' ||
        snapshot.status === 'done' ||
        (snapshot.status === 'failed' && snapshot.target.length > 0);
      const ended = snapshot.end === 'end-of-sequence' || snapshot.end === 'full';
      step.enable(idle && !ended);
      run.enable(idle && !ended);
      run.element.hidden = generating;
      stop.element.hidden = !generating;
      restart.enable(idle && snapshot.steps.length > 0);
      force.enable(idle);
      const end = snapshot.end ? say(ENDS[snapshot.end]) : statusText(snapshot);
      setText(
        state,
        generating || snapshot.steps.length === 0
          ? statusText(snapshot)
          : `${count(snapshot.steps.length)} token${snapshot.steps.length === 1 ? '' : 's'}. ${end}`,
      );
    },
  );
  return page;
}
