/** All sentences, room by room. English, typographic quotes, one clear sentence that says what to do next. */
import { ATTENTION } from './attentionSentences';
import { CONFIG } from './configSentences';
import { ENGINE } from './engineSentences';
import { HOST } from './hostSentences';
import { HUB } from './hubSentences';
import { JSON_FILES } from './jsonSentences';
import { LESSON } from './lessonSentences';
import { MEASURE } from './measureSentences';
import { ONNX } from './onnxSentences';
import { SESSION } from './sessionSentences';
import { TOKENIZER } from './tokenizerSentences';
import { TRANSFORMER } from './transformerSentences';
import { WEBVIEW } from './webviewSentences';
import { ERRORS } from './errorsSentences';
import { PROTOCOL } from './protocolSentences';

export const SENTENCES = {
  ...ATTENTION,
  ...CONFIG,
  ...ENGINE,
  ...HOST,
  ...HUB,
  ...JSON_FILES,
  ...LESSON,
  ...MEASURE,
  ...ONNX,
  ...SESSION,
  ...TOKENIZER,
  ...TRANSFORMER,
  ...WEBVIEW,
  ...ERRORS,
  ...PROTOCOL,
} as const;
