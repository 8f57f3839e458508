/** The webview's entry: one bundle, two faces. */
import { createApp } from './state/app';
import { panelView } from './views/frame/panelView';
import { generationView } from './views/generation/generationView';

const isGeneration = document.body.dataset['view'] === 'generation';
const page = document.getElementById('app');
if (page) (isGeneration ? generationView : panelView)(page, createApp(isGeneration ? 'generation' : 'panel'));
