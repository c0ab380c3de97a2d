import { render } from 'solid-js/web';
import { App } from './app.tsx';
import './style.css';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
// What stood there was to be read while this came.
root.textContent = '';
render(() => <App />, root);
