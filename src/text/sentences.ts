/** All sentences, room by room. English, typographic quotes, one clear sentence that says what to do next. */
import { ATTENTION } from './attention';
import { ENGINE } from './engine';
import { HOST } from './host';
import { HUB } from './hub';
import { MEASURE } from './measure';
import { ONNX } from './onnx';
import { SESSION } from './session';
import { TOKENIZER } from './tokenizer';
import { TRANSFORMER } from './transformer';
import { WEBVIEW } from './webview';

export const SENTENCES = {
  ...ATTENTION,
  ...ENGINE,
  ...HOST,
  ...HUB,
  ...MEASURE,
  ...ONNX,
  ...SESSION,
  ...TOKENIZER,
  ...TRANSFORMER,
  ...WEBVIEW,
} as const;
