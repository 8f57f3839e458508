/** Sentences of `webview/views/task`: what a model with a task head answers. Keys begin with `webview.`. */
export const TASK_VIEW = {
  'webview.task.title': 'Answer',
  'webview.task.single': 'One of {count} labels for the whole text (softmax)',
  'webview.task.multi': 'Each of {count} labels by itself: several can hold (sigmoid)',
  'webview.task.regression': 'A number, as the model was trained to give it',
  'webview.task.score': 'One score for the whole text',
  'webview.task.tokens': 'One of {count} labels for each token (softmax)',
  'webview.task.span': 'The pieces of the context that answer the question',
  'webview.task.answers': 'Answers, the likeliest first',
  'webview.task.lockAnswer': 'Lock this piece in the text',
  'webview.task.noAnswer':
    'How likely the model finds both ends of a piece of at most {longest} tokens together (start × end). The place that stands for no answer: {none}.',
  'webview.task.begins': 'Where it begins',
  'webview.task.ends': 'Where it ends',
  'webview.task.pair': 'How the two selections are read',
  'webview.task.pair.given': 'Pair',
  'webview.task.pair.swapped': 'Swapped',
  'webview.task.pair.one': 'One text',
  'webview.task.pairTitle.given':
    'The first selection and then the second, with what the tokenizer puts between two texts; a question comes first',
  'webview.task.pairTitle.swapped': 'The same pair the other way round',
  'webview.task.pairTitle.one': 'Both selections as one text, a line each',
  'webview.task.none': 'No answer could be read',
  'webview.task.labels': 'Labels, the likeliest first',
  'webview.task.label': '{label}: {probability}, logit {logit}',
  'webview.task.choose': 'The chosen label is what words and heads are ranked by.',
  'webview.task.more': 'The {shown} likeliest of {count} labels.',
  'webview.task.number': '{label}: {number}',
  'webview.task.scored': 'Score {probability}: the sigmoid of the logit {logit}.',
  'webview.task.from': 'Where {token} looks',
  'webview.task.fromTitle':
    'The answer is computed from the last state of this token: colours the text by its attention in the chosen layer and head',
  'webview.task.fromAll':
    'The answer is computed from the mean of all tokens’ last states: no single token’s attention leads to it.',
  'webview.task.words': 'The text with its labels; arrow keys go from word to word',
  'webview.task.word': '{token}: {labels}',
  'webview.task.candidate': '{label} {probability}',
  'webview.task.point': 'Point at a word for its likeliest labels.',
  'webview.task.firstPart':
    'Of a word of several tokens the first one’s label is shown; in the view of tokens each has its own.',
  'webview.task.gap': '{message} ({code})',
} as const;
