/** The webview's entry: one bundle, which shows the panel or the generation view as the page asks. */
import { createApp } from './state/app';
import { panelView } from './views/frame/panelView';
import { generationView } from './views/generation/generationView';

const isGeneration = document.body.dataset['view'] === 'generation';
const page = document.getElementById('app');
if (page) (isGeneration ? generationView : panelView)(page, createApp(isGeneration ? 'generation' : 'panel'));
