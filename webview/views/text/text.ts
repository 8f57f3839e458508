/** The explained text and the generated one, coloured, with arcs from the looked-at token. */
import { say } from '../../../src/text/say';
import { el, setText } from '../../dom';
import { colouringSentence } from '../../state/shown/colouring';
import { section } from '../frame/section';
import { view } from '../view';
import { chatSwitch } from './chatSwitch';
import { fillsView } from './fills';
import { stageView } from './textStage';
import { typedSpecialsView } from './typedSpecials';
import { walkView } from './walk';

export const textView = view((app, scope) => {
  const note = el('span', { class: 'section-note' });
  const { element, header, body } = section(say('webview.text.title'), note, el('span', { class: 'spacer' }));
  scope.mount(chatSwitch, header);
  scope.draw(() => setText(note, colouringSentence(app.state)));
  scope.mount(typedSpecialsView, body);
  scope.mount(walkView, body);
  scope.mount(stageView(), body);
  scope.mount(fillsView(say('webview.text.maskHint')), body);
  return element;
});
