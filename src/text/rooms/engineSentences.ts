/** Sentences of the room `engine`. Keys begin with `engine.`. */
export const ENGINE = {
  'engine.longRollout':
    'Rollout multiplies whole maps and is offered up to {most} tokens; choose a head, or explain a shorter text.',
  'engine.noMasks': 'This model does not fill in masked tokens; choose one that does, such as {example}.',
  'engine.noModel': 'The model for this text is not loaded; run Explain Attention again.',
  'engine.noWorker': 'The engine’s worker could not be started here; reload the window, or use VS Code on the desktop.',
  'engine.lost': 'The engine stopped unexpectedly; run Explain Attention again to restart it.',
  'engine.neverBorn':
    'The engine’s worker did not answer within {seconds} seconds after its start, so it was ended; run Explain Attention again to start another one.',
  'engine.startTooLong':
    'The model runtime was not ready within {seconds} seconds, so it was ended; run Explain Attention again, and if that does not help set “explainAttention.executionProvider” to wasm.',
  'engine.loadTooLong':
    'The model {name} was silent for {seconds} seconds while it was loaded, which is the limit for its {megabytes} MB, so it was ended; its file may be damaged or made never to end: choose another model.',
  'engine.silent':
    'The engine did not answer within {seconds} seconds, so it was ended; explain the text again to restart it.',
  'engine.cancelledStuck':
    'The engine did not react to being cancelled, so it was ended, and its memory given back; explain the text again.',
  'engine.task.noLabels':
    'The model’s config.json names no labels (id2label), so its {count} labels are numbered here; take the names from the model’s page.',
  'engine.task.otherLabels':
    'The model’s config.json names {known} labels for {count} logits, so none of these names is taken and the labels are numbered here; get a config.json that belongs to this file.',
  'engine.task.questionAndContext':
    'This model finds the answer to a question in a context: select both, one with Alt-click or as a second selection, and explain them together.',
  'engine.task.judgesPairs':
    'This model judges two texts together, and here it has read one: select both, one with Alt-click or as a second selection, and explain them together.',
  'engine.task.twoToCompare':
    'This model makes a vector of a text, to compare texts by: select two, one with Alt-click or as a second selection, and explain them together.',
  'engine.task.secondCut':
    'The second text is longer than the model takes: its last {tokens} tokens are left out of the comparison; select less.',
  'engine.pairHalfEmpty': 'One of the two selections has nothing that the model can read; select some words in both.',
  'engine.firstTooLong':
    'The first of the two texts has {tokens} tokens, and the model takes {most} of both together: select less there, or swap the two.',
  'engine.task.otherShape':
    'The model’s answer has the shape {shape}, which is not that of its task, so only its attention is shown; choose another export of the model.',
  'engine.noAttention': 'The model gave no attention; choose another export of it.',
  'engine.noteTestedBefore':
    'It passed this test when it was loaded earlier, with the same files, version, provider and browser, and was not tested again.',
  'engine.noteTap': '{file}: {outputs} attention outputs tapped with {bytes} bytes, {rejected} candidates rejected.',
  'engine.noteTapBeside':
    '{file}: {outputs} attention outputs tapped with {bytes} bytes (recomputed beside fused attention), {rejected} candidates rejected.',
  'engine.noteWasm': 'Its int8 operators run on WASM, because WebGPU computes them wrongly.',
  'engine.noteTextPart':
    'The model was made for pictures or sound beside text; this file is its part that reads text, and only that is loaded.',
  'engine.noteCut':
    'Texts are cut at {held} of the model’s {known} tokens, so that the weights of {maps} heads stay below {megabytes} MB.',
  'engine.noteCutLong':
    'Texts are cut at {held} of the model’s {known} tokens, so that they are read within minutes and what is kept of {maps} heads stays below {megabytes} MB.',
  'engine.otherRows':
    'The model reads a text this long in another way than a short one, so weights computed from its queries and keys are not its own; explain the text again, and less of it will be read.',
  'engine.noteNoConfig':
    'There is no config.json: layers and heads ({found}) are what the graph itself shows, and nothing could be held against it.',
  'engine.noteEncoderAlone':
    'Only the encoder’s file is there: the model reads text and writes none. To let it write, put decoder_model_merged.onnx beside it.',
  'engine.notePairs':
    'The model tells the two texts of a pair apart by token types; here it reads one text, all of the first type.',
  'engine.noteBeams':
    'The model asks for a search over {beams} beams; here each token is the likeliest next one until you write the text again with the settings of the generation view, where the beams are set.',
  'engine.noSuchBeam': 'There is no such beam any more; open another one, or write the text again.',
  'engine.noteSamples':
    'The model asks for tokens to be drawn at random; here each token is the likeliest next one until you switch drawing on in the generation view.',
  'engine.noteForced':
    'The model asks for {count} tokens to be put at fixed places (forced_decoder_ids), which is not done here; force a text to begin with them.',
  'engine.noteUndone': 'The model asks for settings that are not followed here: {settings}.',
  'engine.noGraphs':
    'The model’s folder has no ONNX file that is known by its name (encoder_model.onnx with decoder_model_merged.onnx, or model.onnx); choose a Hugging Face ONNX export.',
  'engine.noFirstDecoder':
    'The model has encoder_model.onnx but neither decoder_model_merged.onnx nor decoder_model.onnx; get the missing file and try again.',
  'engine.noDecoder':
    'The model has decoder_with_past_model.onnx but no decoder_model.onnx; get the missing file and try again.',
  'engine.headsDiffer':
    'The model’s layers have different numbers of heads ({one} and {other}), which cannot be shown side by side.',
  'engine.gap.tooMuch': 'the text is too long: it would take more than some minutes',
  'engine.gap.notTheSum': 'what the heads of layer {layer} give is not what its attention adds to the stream',
  'engine.gap.otherShapes': 'the pass that it needs gave numbers of other shapes than the weights',
  'engine.noOutput': 'This model has no output here that heads could change: it gives no probabilities of tokens.',
  'engine.lastLogitsOnly':
    'This file gives the logits of its last token only, so the output cannot be scored; take an export with all logits.',
  'engine.oneFile':
    'What the decoder reads of the source could not be had from this model; choose another export of it.',
  'engine.lessonPlain':
    'The lesson goes through the model as it is, and here heads of it are off; put everything back to walk through it.',
  'engine.noGates': 'The model is not ready to be read with heads off; explain the text again.',
  'engine.headStaysOn': 'This head cannot be switched off: {reason}.',
  'engine.linkStays': 'This link cannot be cut: {reason}.',
  'engine.noLinkLeft': 'Token {token} would be left with nothing to look at. Leave one of its links in place.',
  'engine.textTooLongToCut': 'This text is too long to cut links in. Explain a shorter one, or cut them in all heads.',
  'engine.measureGone': 'This measure has to be made of the text again; choose it once more.',
  'engine.noProbe': '“{name}” is not something that a model can be asked for.',
  'engine.badRequest': 'The engine was asked for something that does not fit ({method}); explain the text again.',
  'engine.gatesDiffer': 'The request switches {given} heads on or off, but the model has {wanted}.',
  'engine.leavesNothing':
    'Without that, nothing of the text would be left; leave less of it out, or put the mask or padding token in its place.',
  'engine.leaveOutNoPiece': 'The text has no such piece to leave out; choose another one.',
  'engine.fitNeedsOutput':
    'A fit over random masks needs an output that is in none of the pieces; let the model write first, or leave the pieces out one at a time.',
  'engine.nothingLeft': 'nothing of the text would be left',
  'engine.noFiller':
    'This model has neither a mask nor a padding token to put in place of what is left out; remove it instead.',
  'engine.lensNoPlace': 'The text has no such place; choose another one.',
  'engine.lensTooLarge':
    'What the layers predict at {rows} places is more than fits into memory; choose at most {most} places.',
  'engine.attributionNoPlace':
    'Nothing was predicted at this place of the text, or the model has not read so far yet; choose a token that was written.',
  'engine.attributionNoToken': 'The model has no token {id}; choose one of those that are listed.',
  'engine.attributionSameToken': 'A token cannot be held against itself; choose another one.',
  'engine.attributionNot':
    'Where this token comes from cannot be told for this model: {reason}. What heads are worth can still be seen by switching them off.',
  'engine.gap.partsDoNotSum': 'the parts that were found sum to {sum}, and the model says {logit}',
  'engine.gap.noTokens': 'it answers a task and writes no tokens',
  'engine.gap.noParts': 'the file gives no parts of its logits',
  'engine.textTooLong': 'The text is longer than a million characters; select or type less.',
  'engine.failedOnText': 'The model could not read this text; choose another text or another model.',
  'engine.sessionRefused':
    'The model runtime refused {file} ({reason}); choose another export or another precision of the model.',
  'engine.needsWebGpu':
    'The model’s file {file} was made for WebGPU, and here it runs on WASM, which cannot do all of it ({reason}); set “explainAttention.executionProvider” to auto or webgpu on a machine with a graphics adapter, or choose an export for the CPU.',
  'engine.needsKernel':
    'The model’s file {file} uses {operator}, which the model runtime cannot run on WASM ({reason}); set “explainAttention.executionProvider” to auto or webgpu on a machine with a graphics adapter, or choose an export for the CPU.',
  'engine.needsWasm':
    'The model’s file {file} was made for the CPU, and WebGPU cannot do all of it ({reason}); set “explainAttention.executionProvider” to auto or wasm.',
  'engine.needsOther':
    'The model’s file {file} was made for {provider}, which there is not in VS Code ({reason}); choose an export for the CPU or for WebGPU.',
  'engine.needsOperatorSet':
    'The model’s file {file} is of operator set {wanted} of {domain}, and the model runtime here (ONNX Runtime Web {version}) knows no more than {most}; choose an export of an older operator set, or a newer version of Explain Attention.',
  'engine.needsFormat':
    'The model’s file {file} is of ONNX format (IR) version {wanted}, and the model runtime here (ONNX Runtime Web {version}) reads no more than {most}; choose an export of an older format, or a newer version of Explain Attention.',
  'engine.needsOperator':
    'The model’s file {file} uses the operator {operator}, which the model runtime here (ONNX Runtime Web {version}) does not know: it is newer, or another tool’s own; choose an export with operators of ONNX, or a newer version of Explain Attention.',
  'engine.needsAttribute':
    'The model’s file {file} uses {operator} with an attribute that the model runtime here (ONNX Runtime Web {version}) does not know ({name}): it is newer, or another tool’s own; choose an older export, or a newer version of Explain Attention.',
  'engine.needsInputs':
    'The model’s file {file} uses {operator} with {count} {side}s, which the model runtime here (ONNX Runtime Web {version}) does not know: it is newer, or damaged; choose an older export, or a newer version of Explain Attention.',
  'engine.runFailed':
    'The model’s file {file} failed while it ran ({reason}); choose another export of the model, or another execution provider in the settings.',
  'engine.runFixedLength':
    'The model’s file {file} does not take a text of this length ({reason}); choose an export with dynamic sequence lengths.',
  'engine.trialRun':
    'The model’s file {file} failed in its test run when it was loaded ({reason}), and would fail every time; choose another export of the model.',
  'engine.trialFixedLength':
    'The model’s file {file} was exported for texts of fixed lengths, and the text of its test run has another one ({reason}); choose an export with dynamic sequence lengths.',
  'engine.chunks':
    '{file} reads texts of whole chunks of {chunk} tokens: behind yours stands what fills the last one, and is not shown.',
  'engine.chunksOnly':
    'This model reads texts of whole chunks only, for which this cannot be computed; choose an export with dynamic sequence lengths.',
  'engine.otherResults':
    'The model’s file {file} gives other results when its attention is read, so nothing is shown; choose another export or another execution provider.',
  'engine.levelsDiffer':
    '{file}: its results depend on how far the runtime optimises the graph (by {difference} of results up to {scale}), with and without attention read; small differences in what is shown are the runtime’s rounding.',
  'engine.sameAsUntapped': '{file}: {maps} maps checked, results equal the untapped file’s.',
  'engine.sameAsUntappedProved':
    '{file}: {maps} maps checked ({proved} of them against what the fused operator itself gave), results equal the untapped file’s.',
  'engine.notCompared': '{file}: {maps} maps checked; too large to be loaded a second time without the tap.',
  'engine.notComparedProved':
    '{file}: {maps} maps checked ({proved} of them against what the fused operator itself gave); too large to be loaded a second time without the tap.',
  'engine.longChat':
    'The model’s chat template alone is longer than the model takes; explain the text as it is, without a chat round it.',
  'engine.onlySpace': 'There is nothing but white space in the selection; select some text.',
  'engine.nothingToRead': 'The selected text has nothing that the model can read; select some words.',
  'engine.textChanged':
    'Other tokens have been written since this was asked; what is on show follows by itself, nothing needs to be done.',
  'engine.noFile': 'A model without a file was put together.',
  'engine.workerError': 'The worker reported an error without a message.',
  'engine.workerUnreadable': 'A message from the worker could not be read.',
  'engine.workerEnded': 'The worker has ended without a word.',
  'engine.modelUnloaded': 'The model of this explanation was unloaded; explain the text again.',
  'engine.noGeneration': 'This model reads text and does not generate any.',
  'engine.fileCut': 'The model’s file {file} is cut off after {bytes} bytes; get it again.',
  'engine.weightTooLarge':
    'The model has a weight of {megabytes} MB, and the graphics device takes no more than {most} MB in one piece; choose a smaller or a quantised variant, or set “explainAttention.executionProvider” to wasm.',
  'engine.readingModel': 'Reading the model',
  'engine.loadingModel': 'Loading the model',
  'engine.testingModel': 'Testing the model',
  'engine.weightsMissing':
    'The model’s file {file} keeps its weights in {folder}{name}, which is missing; get it and try again.',
  'engine.fileMissing': 'The model has no {file}; get it from the model’s page and put it into the folder.',
  'engine.outOfMemory':
    'There was not enough memory for this model and text; select less text, or choose a smaller or a quantised model.',
  'engine.gpuLost': 'The graphics device was lost; run Explain Attention again, it will use WASM.',
  'engine.noHalfPrecision':
    'The model computes in half precision, which this graphics adapter cannot; choose another precision, or set “explainAttention.executionProvider” to auto or wasm.',
  'engine.foreignTensor': 'A tensor of another runtime was fed to this session.',
  'engine.probeInput': "The probe's input {name} was not given.",
  'engine.gpuNotHere': 'WebGPU is not available here.',
  'engine.gpuNoAdapter': 'WebGPU found no adapter: {reason}',
  'engine.gpuOffersNone': 'WebGPU is there, but it offers no graphics adapter.',
  'engine.gpuUnnamed': 'unnamed adapter',
  'engine.gpuSoftware': 'The only WebGPU adapter is software ({name}), which is slower than WASM.',
  'engine.gpuNoDevice': 'The WebGPU adapter ({name}) gave no device: {reason}',
  'engine.wasmChosen': 'WASM was chosen in the settings.',
  'engine.gpuDemanded': '{found} Set “explainAttention.executionProvider” to auto or wasm.',
  'engine.runtimeNotStarted':
    'The model runtime could not be started; reload the window, and if that does not help reinstall Explain Attention.',
  'engine.deviceLost': 'The graphics device was lost.',
  'engine.explanationGone': 'This explanation is no longer in memory; run Explain Attention again.',
  'engine.providerFirst': 'A provider must be found before the runtime is started or a model is loaded.',
  'engine.startedAlready': 'The runtime was started already.',
  'engine.compileFirst': 'The runtime must be compiled before it is started.',
  'engine.otherBuild': 'The runtime’s {wanted} build is needed, not {given}.',
  'engine.startingRuntime': 'Starting the runtime',
  'engine.measuringHeads': 'Measuring heads: {done} of {all} sentences',
  'engine.readingText': 'Reading the text',
  'engine.wrong.noTap': 'there is no tap {index}',
  'engine.wrong.noProof': '{label} cannot be proved: the operator’s own result did not come with it',
} as const;
