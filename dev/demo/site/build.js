import { fileURLToPath } from 'node:url';
import { buildSite } from './src/site.js';

const root = fileURLToPath(new URL('.', import.meta.url));
const files = buildSite(root, `${root}out`);
console.log(`Built ${files.length} files into out/.`);
