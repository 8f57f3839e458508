/** Says which special tokens are typed in the text, and offers to read them as the text that they are, or as tokens again. */
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { listOf } from '../../../src/text/listInSentence';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { tokenLabel } from '../../format';
import { view } from '../view';

const MOST_NAMED = 5;

/** The labels of the special tokens that have a place in the text: the model's own, those round a text, have none. */
function typedSpecials({ source, target, fills }: ExplanationSnapshot): readonly string[] {
  // A mask that was typed hides nothing; it is no special token any more where the model fills it in.
  const masks = new Set(fills.filter(({ original }) => original === null).map(({ index }) => index));
  const typed = [...source.filter(({ special }, index) => special || masks.has(index)), ...target.filter(isSpecial)];
  return [...new Set(typed.filter(({ start }) => start >= 0).map(tokenLabel))];
}

const isSpecial = ({ special }: ExplanationSnapshot['target'][number]): boolean => special;

export const typedSpecialsView = view((app, scope) => {
  const sentence = el('span');
  const asText = (): boolean => app.state.snapshot?.specialsAsText === true;
  const press = (): void => app.act(app.api.setSpecialsAsText({ asText: !asText() }));
  const toText = button({ label: say('webview.readAsText'), press }).element;
  const toTokens = button({ label: say('webview.readAsTokens'), press }).element;
  const element = el('p', { class: 'typed-specials', role: 'note' }, sentence, toText, toTokens);
  scope.draw(() => {
    const { snapshot } = app.state;
    const names = snapshot ? typedSpecials(snapshot) : [];
    const isText = asText();
    element.hidden = names.length === 0 && !isText;
    toText.hidden = isText;
    toTokens.hidden = !isText;
    if (isText) {
      setText(sentence, say('webview.specialsAreText'));
      return;
    }
    const tokens = listOf(names.length > MOST_NAMED ? [...names.slice(0, MOST_NAMED), '…'] : names);
    setText(sentence, say(names.length === 1 ? 'webview.specialTyped' : 'webview.specialsTyped', { tokens }));
  });
  return element;
});
