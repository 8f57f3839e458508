/** All sentences, room by room. English, typographic quotes, one clear sentence that says what to do next. */
import { ATTENTION } from './attention';
import { CONFIG } from './config';
import { ENGINE } from './engine';
import { HOST } from './host';
import { HUB } from './hub';
import { JSON_FILES } from './json';
import { MEASURE } from './measure';
import { ONNX } from './onnx';
import { SESSION } from './session';
import { TOKENIZER } from './tokenizer';
import { TRANSFORMER } from './transformer';
import { WEBVIEW } from './webview';

export const SENTENCES = {
  ...ATTENTION,
  ...CONFIG,
  ...ENGINE,
  ...HOST,
  ...HUB,
  ...JSON_FILES,
  ...MEASURE,
  ...ONNX,
  ...SESSION,
  ...TOKENIZER,
  ...TRANSFORMER,
  ...WEBVIEW,
} as const;
