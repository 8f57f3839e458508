/** Sentences of `webview/views/ablation`: switching heads off and leaving pieces out. Keys begin with `webview.`. */
export const ABLATION_VIEWS = {
  'webview.change.coloured': 'The output, coloured by how much less or more likely each token became',
  'webview.change.token': '{token}: log probability {before} → {after}; likeliest then: {likeliest} ({share} %)',
  'webview.change.sameText': 'The model then writes the same text.',
  'webview.change.otherText': 'What the model then writes; new tokens are marked:',
  'webview.change.table': 'The tokens that change most',
  'webview.change.column.token': 'Token',
  'webview.change.column.after': 'Without',
  'webview.change.column.change': 'Change',
  'webview.change.column.likeliest': 'Likeliest without',
  'webview.without.leave': 'Leave out what is locked',
  'webview.without.leaveTitle':
    'Compute the output again without the locked words of the input, all together, beside the untouched one',
  'webview.without.explain': 'Explain without it, beside the plain one',
  'webview.without.explainTitle':
    'Pin this explanation, and read the text again without the locked words of the input: all maps and numbers are then of that run',
  'webview.without.hint':
    'To see what one part of the input does, lock its words (click; with Shift or Ctrl several) and leave them out together.',
  'webview.without.computing': 'Computing the output without the locked words…',
  'webview.without.mean':
    'Without {pieces}: mean log probability of the output {before} with the whole input, {after} without: {change} nats a token. Each token is coloured by its own change.',
  'webview.without.column.before': 'Whole input',
  'webview.without.caveat':
    'Natural logarithms, everything before a token as it stands. A token’s loss is how far it relies on what was left out (P-CXMI; Fernandes et al. 2021).',
  'webview.leave.title': 'Words left out',
  'webview.leave.by': 'What is left out',
  'webview.leave.words': 'Words',
  'webview.leave.sentences': 'Sentences',
  'webview.leave.manner': 'How it is left out',
  'webview.leave.removed': 'Removed',
  'webview.leave.replaced': 'Replaced by the mask or padding token',
  'webview.leave.method': 'How it is measured',
  'webview.leave.each': 'One at a time',
  'webview.leave.fit': 'Fit over random masks',
  'webview.leave.rank': 'Rank',
  'webview.leave.rankTitle':
    'Leave out each word or sentence of the input in turn, and see how likely the output stays (Li et al. 2016)',
  'webview.leave.forget': 'Clear',
  'webview.leave.forgetTitle': 'Forget what was measured; the colours in the editor go with it',
  'webview.leave.progress': 'Ranking what is left out',
  'webview.leave.hint':
    'What each word or sentence of the input is worth to the output, or to its locked words. Where the model looks is one thing; this is what a change does.',
  'webview.leave.noScore':
    'There is no answer yet whose words’ worth could be measured; what is missing stands under Answer.',
  'webview.leave.ranking': 'Leaving out: {done} of {all}',
  'webview.leave.ranked':
    'Coloured by how the log probability of the output changes without each piece, in nats a token; with the whole input it is {plain}, over {count} tokens of the output.',
  'webview.leave.rankedPart':
    'Stopped after {done} of {all}; what was measured stays. With the whole input the log probability is {plain} nats a token, over {count} tokens of the output.',
  'webview.leave.rankedLabel':
    'Coloured by how {what} changes without each piece, in {unit}; with the whole text it is {plain}.',
  'webview.leave.rankedPartLabel':
    'Stopped after {done} of {all}; what was measured stays. With the whole text {what} is {plain}.',
  'webview.leave.masking': 'Reading with random halves of the sentences: {done} of {all}',
  'webview.leave.fitted':
    'Coloured by the weight of each piece in a sparse linear fit over {all} random masks, each with about half of the pieces: how {what} changes without it, in {unit}. A piece that the fit does without has exactly 0.',
  'webview.leave.fittedPart':
    'Stopped after {done} of {all} masks; the fit is of those. Coloured by how {what} changes without each piece, in {unit}.',
  'webview.leave.sure':
    'It foretells {count} masks that are not in the fit with a rank correlation of {correlation} (1 is their order as it is).',
  'webview.leave.unsure': 'Too few masks were measured to tell how well it foretells others.',
  'webview.leave.oddsOfOutput': 'the log-odds of the output',
  'webview.leave.oddsOfLabel': 'the log-odds of “{label}”',
  'webview.leave.fitCaveat':
    'ContextCite (Cohen-Wang et al. 2024): pieces that say the same stand in for each other, which leaving out one at a time cannot see; but the fit is linear, and a sample. Always the same masks.',
  'webview.leave.gap': 'Some pieces cannot be left out: {reason}.',
  'webview.leave.piece': 'Without “{piece}”: {change} {unit}',
  'webview.leave.unknown': '“{piece}”: not measured',
  'webview.leave.coloured': 'The input, coloured by how much less or more likely the output becomes without each piece',
  'webview.leave.table': 'The pieces that matter most',
  'webview.leave.column.piece': 'Without',
  'webview.leave.column.change': 'Change',
  'webview.leave.agreement':
    'Is attention the explanation here? Of all heads of {kind}, layer {layer}, head {head} orders these pieces most as their costs do (rank correlation {best}); the median head: {middle}.',
  'webview.leave.noAgreement': 'There are too few pieces to compare this with attention.',
  'webview.leave.caveat':
    'A text with a piece left out can be unlike any that the model was trained on: the change is of this output as it stands, not of what the model would write instead.',
  'webview.off.label': 'Heads off',
  'webview.off.switch': 'Switch off',
  'webview.off.switchOn': 'Switch on',
  'webview.off.switchTitle': 'Compute the output again without the picked heads, beside the untouched one (key O)',
  'webview.off.allOn': 'All heads on',
  'webview.off.rank': 'Rank heads',
  'webview.off.rankTitle': 'Switch off each layer and each head of this kind in turn, and colour it by what that costs',
  'webview.off.stop': 'Stop',
  'webview.off.progress': 'Ranking heads',
  'webview.off.ranking': 'Ranking: {done} of {all} heads',
  'webview.off.ranked':
    'The bar under a head is what switching it off costs: how much less likely the output becomes, in nats a token (log probability with all heads: {plain}). Click a head for the number.',
  'webview.off.rankedLabel':
    'The bar under a head is what switching it off costs: how much {what} falls, in {unit} (with all heads it is {plain}). Click a head for the number.',
  'webview.off.rankedPartLabel':
    'Stopped after {done} of {all} heads; what was measured stays (with all heads {what} is {plain}).',
  'webview.off.layerCosts': 'Without all heads of a layer it changes by: {layers}.',
  'webview.off.layerCost': 'layer {layer} {change}',
  'webview.off.rankedPart':
    'Stopped after {done} of {all} heads; what was measured stays (log probability with all heads: {plain}).',
  'webview.off.rankGap': 'Some heads cannot be switched off: {reason}.',
  'webview.off.cost': '{about}, switching it off costs {cost} {unit}',
  'webview.off.gain': '{about}, switching it off gains {cost} {unit}',
  'webview.off.isOff': '{about}, switched off',
  'webview.off.costs': '{kind}: change of the output’s log probability without each head, in nats a token',
  'webview.off.costsLabel': '{kind}: how {what} changes without each head, in {unit}',
  'webview.off.costOf': '{place}: {number} {unit}',
  'webview.off.title': 'Heads and links off',
  'webview.off.explain': 'Explain without them, beside the plain one',
  'webview.off.explainTitle':
    'Pin this explanation, and read the text again with these heads off: all maps and numbers are then of that run, and heads of later layers look elsewhere',
  'webview.off.oneHead': '1 head switched off',
  'webview.off.heads': '{count} heads switched off',
  'webview.off.computing': '{heads}: computing the output again…',
  'webview.off.noScore': '{heads}. There is no answer yet that could be compared; what is missing stands under Answer.',
  'webview.off.mean':
    'Mean log probability of the output: {before} with all heads, {after} without: {change} nats a token.',
  'webview.off.column.before': 'All heads',
  'webview.off.caveat':
    'Natural logarithms, everything before a token as it stands. A head is off where its output counts as 0; others may make up for it (Michel et al. 2019).',
  'webview.links.cut': 'Cut the link with {token}',
  'webview.links.cutTitle':
    'Compute the output again without this link in the picked heads (with Shift: in every head of every layer)',
  'webview.links.joinTitle': 'This link is cut. Put it back',
  'webview.links.join': 'Put back {link}',
  'webview.links.list': 'Links that are cut',
  'webview.links.name': '{from} → {to}: {kind}, {place}',
  'webview.links.everywhere': 'every head of every layer',
  'webview.links.layer': 'every head of layer {layer}',
  'webview.links.one': '1 link cut',
  'webview.links.many': '{count} links cut',
  'webview.links.allBack': 'All back',
  'webview.links.before': 'As it is',
  'webview.links.mean':
    'Mean log probability of the output: {before} as it is, {after} without: {change} nats a token.',
  'webview.links.caveat':
    'Natural logarithms, everything before a token as it stands. A link is cut where its score is −∞ before the softmax (Geva et al. 2023); what a token learnt of another by way of a third one stays.',
  'webview.change.column.label': 'Label',
  'webview.change.column.answer': 'Answer',
  'webview.change.answers': 'The answers, and what becomes of them',
  'webview.change.noAnswer': 'No answer',
  'webview.change.otherAnswer': 'The likeliest answer is then “{answer}” ({probability}).',
  'webview.change.sameAnswer': 'The likeliest answer stays the same.',
  'webview.change.alike': 'How alike the two texts are',
  'webview.change.cosine': 'Cosine similarity',
  'webview.change.words': 'The words whose label changes most',
  'webview.change.labels': 'The labels, and what becomes of them',
  'webview.unit.natsToken': 'nats a token',
  'webview.unit.nats': 'nats',
  'webview.unit.odds': 'log-odds',
  'webview.unit.oddsToken': 'log-odds a token',
  'webview.unit.cosine': 'units of the cosine',
  'webview.unit.number': 'units of its own',
  'webview.scored.label': 'the log probability of “{label}”',
  'webview.scored.cosine': 'the cosine of the two texts',
  'webview.scored.number': 'the model’s number',
} as const;
