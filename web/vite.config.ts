import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import { type Plugin, defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import solid from 'vite-plugin-solid';
import { MANIFEST, SYSTEM_PICTURES } from './manifest.ts';

/**
 * marked ends by making one of all that it has, so that nothing of it can be left out: only its
 * lexer is used here.
 */
const lexerOnly: Plugin = {
  name: 'lexer-only',
  transform(code, id) {
    if (!/\/marked\/lib\/marked\.esm\.js/.test(id)) return null;
    const lexer = /export\{.*?(\w+) as Lexer\b/.exec(code)?.[1];
    const end = code.search(/var \w+=new \w+;function \w+\(\w+,\w+\)\{return \w+\.parse\(/);
    if (lexer === undefined || end === -1) throw new Error('marked is written otherwise now.');
    return { code: `${code.slice(0, end)}export{${lexer} as Lexer};`, map: null };
  },
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [
    lexerOnly,
    solid(),
    tailwindcss(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: '.',
      filename: 'sw.ts',
      injectRegister: null,
      useCredentials: true,
      manifest: MANIFEST,
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,png}'],
        globIgnores: SYSTEM_PICTURES,
      },
    }),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // All that is needed before one can type, as one file: it packs better than parts of it.
            { name: 'app', test: /\/web\/main\.tsx$/ },
            {
              name: 'next',
              test: /\/web\/(?:chat\/conversation|push\/keep|attachments\/dictate)\.tsx?$/,
            },
          ],
        },
      },
    },
  },
});
