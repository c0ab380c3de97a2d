import { expect, it } from 'vitest';
import { attachmentName, imageTypeOf, notTaken, sizeWords } from './attachable.ts';

it.each([
  ['a folder', '../../etc/passwd', 'passwd'],
  ['a folder of Windows', 'C:\\Users\\ada\\shot.png', 'shot.png'],
  ['nothing but dots', '..', 'file'],
  ['nothing', '', 'file'],
  ['what turns writing round', 'cod\u202egnp.exe', 'codgnp.exe'],
  ['control characters', 'a\0b\nc.txt', 'abc.txt'],
  ['half a character', 'a\ud800.txt', 'a\ufffd.txt'],
  ['a dot in front', '.gitignore', '.gitignore'],
])('a name is only a name: %s', (_, given, name) => {
  expect(attachmentName(given)).toBe(name);
});

it('a name that is too long keeps its ending', () => {
  const name = attachmentName(`${'x'.repeat(300)}.json`);
  expect(name).toHaveLength(120);
  expect(name).toMatch(/^x+…\.json$/);
  expect(attachmentName('😀'.repeat(200)).isWellFormed()).toBe(true);
});

const head = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

it.each([
  ['\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'image/png'],
  ['\xff\xd8\xff\xe0\0\x10JFIF', 'image/jpeg'],
  ['GIF89a\x01\0\x01\0', 'image/gif'],
  ['RIFF\x24\0\0\0WEBPVP8 ', 'image/webp'],
  ['RIFF\x24\0\0\0WAVEfmt ', null],
  ['<svg xmlns="http', null],
  ['<!doctype html>', null],
  ['', null],
])('an image is known by its first bytes: %j', (text, type) => {
  expect(imageTypeOf(head(text))).toBe(type);
});

it('limits are said in words', () => {
  expect(sizeWords(950)).toBe('950 bytes');
  expect(sizeWords(12_345)).toBe('12 KB');
  expect(sizeWords(999_900)).toBe('1 MB');
  expect(notTaken.size('big.png', 'image/png', 4_200_000)).toBe(
    'big.png has 4.2 MB. An image may have 3.5 MB.',
  );
  expect(notTaken.size('log.txt', 'text/plain', 2_000_000)).toBe(
    'log.txt has 2 MB. A text file may have 1 MB.',
  );
});
