import {App} from './app.js';
import {apply} from './lib/theme.js';

apply();
new App(/** @type {HTMLElement} */ (document.getElementById('app'))).start();
