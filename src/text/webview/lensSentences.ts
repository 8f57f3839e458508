/** Sentences of `webview/views/lens`: the logit lens. Keys begin with `webview.`. */
export const LENS_VIEW = {
  'webview.lens.title': 'Logit lens',
  'webview.lens.show': 'Show',
  'webview.lens.hide': 'Hide',
  'webview.lens.showTitle':
    'What the model would write next if its output came right after an earlier layer (nostalgebraist 2020)',
  'webview.lens.computing': 'Reading the layers…',
  'webview.lens.places': 'Places {from} to {to} of {all}',
  'webview.lens.back': 'Places before',
  'webview.lens.on': 'Places after',
  'webview.lens.table': 'What each layer would write next, after each token; coloured by its probability',
  'webview.lens.read': 'After',
  'webview.lens.readAt': 'At',
  'webview.lens.input': 'Input',
  'webview.lens.layer': 'Layer {layer}',
  'webview.lens.output': 'Output',
  'webview.lens.came': 'What came',
  'webview.lens.there': 'What stands there',
  'webview.lens.cell': '{layer}, after {token}: {top}',
  'webview.lens.cellCame': '{layer}, after {token}: {top} What came, {came}: {probability}, rank {rank}.',
  'webview.lens.candidate': '{token} {probability}',
  'webview.lens.hint':
    'A frame marks where a layer’s likeliest token is the one that came. Earlier layers were not trained to be read this way: a lens shows what the model’s output would make of them, not what the model says there.',
  'webview.lens.point': 'Point at a cell for its likeliest tokens.',
  'webview.lens.none': 'This model cannot be read this way: {reason}.',
  'webview.lens.noneFound': 'no output over the vocabulary was found in it',
  'webview.lens.gaps': 'Some layers cannot be read: {reason}.',
} as const;
