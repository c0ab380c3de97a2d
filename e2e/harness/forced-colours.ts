import type { Page } from 'playwright-core';

/**
 * Runs in the page under forced colours: what cannot be told apart there, a line each. All grounds are
 * one colour then, so that what is chosen, and what is drawn as a ground alone, needs a line or a word.
 */
const MEASURE = `(() => {
  const found = [];
  const name = (one) => {
    const words = one.getAttribute('aria-label') ?? one.textContent.trim().slice(0, 40);
    return one.tagName.toLowerCase() + ' “' + words + '”';
  };
  const isSeen = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  // The focus is no choice.
  document.activeElement?.blur();

  const lineOf = (one) => {
    const { outlineStyle, outlineColor, borderTopWidth, borderTopColor, borderBottomColor } = getComputedStyle(one);
    const outline = outlineStyle === 'none' ? '' : outlineColor;
    return [outline, borderTopWidth === '0px' ? '' : borderTopColor, borderBottomColor].join();
  };
  const CHOSEN = '[aria-current=page], [aria-selected=true], [aria-pressed=true]';
  for (const one of document.querySelectorAll(CHOSEN)) {
    if (!isSeen(one)) continue;
    const around = one.closest('nav, ul, [role=tablist], [role=listbox]') ?? document.body;
    const others = [...around.querySelectorAll(one.tagName)].filter((other) => other !== one);
    // A button by itself is compared with what it is while it is not pressed.
    const isPressed = one.getAttribute('aria-pressed') === 'true';
    const line = lineOf(one);
    if (isPressed) one.setAttribute('aria-pressed', 'false');
    const isTold = isPressed ? lineOf(one) !== line : others.every((other) => lineOf(other) !== line);
    if (isPressed) one.setAttribute('aria-pressed', 'true');
    if (!isTold) found.push('chosen, and looks as if it were not: ' + name(one));
  }

  for (const one of document.querySelectorAll('body *:empty')) {
    if (!isSeen(one) || one.closest('svg, .sr-only') !== null) continue;
    // Where one side of a diff has no line there is nothing to lose.
    if (one.matches('input, select, textarea, button, iframe, img, .diff-none')) continue;
    if (getComputedStyle(one, '::before').content !== 'none') continue;
    const { width, height } = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const isPainted = !/^rgba\\(.*, 0\\)$/.test(style.backgroundColor) && width > 1 && height > 1;
    const isDrawn =
      style.outlineStyle !== 'none' || [style.borderTopWidth, style.borderLeftWidth].some((px) => px !== '0px');
    if (isPainted && !isDrawn && style.forcedColorAdjust !== 'none')
      found.push('a ground alone: ' + one.parentElement.outerHTML.slice(0, 120));
  }
  return [...new Set(found)];
})()`;

/** What of the page is lost where the colours are the person's own. */
export const lostColours = (page: Page) => page.evaluate<string[]>(MEASURE);
