import type { Page } from 'playwright-core';

/**
 * Runs in the page: all that is cut off or covered in it as it is now, a line each. What scrolls is
 * scrolled to first; what is cut on purpose ends with an ellipsis or fades out.
 */
const MEASURE = `(async () => {
  const SLACK_PX = 1.5;
  /** An ellipsis alone says nothing. */
  const LEAST_PX = 24;
  const found = [];
  const name = (one) => {
    const words = one.getAttribute('aria-label') ?? one.textContent.trim().slice(0, 40);
    return one.tagName.toLowerCase() + ' “' + words + '”';
  };
  const modal = document.querySelector('dialog[open]');
  const isIn = (one) => modal === null || modal.contains(one);
  const isSeen = (one) => {
    if (!one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
    const { width, height } = one.getBoundingClientRect();
    // What is for assistive technology only is one pixel large.
    return width > 1 && height > 1 && one.closest('.sr-only') === null;
  };
  const up = function* (one) {
    for (let at = one.parentElement; at !== null; at = at.parentElement) yield at;
  };
  const isEllipsis = (style) => style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
  const isFaded = (style) => style.maskImage !== 'none';
  const scrolls = (style) => ['auto', 'scroll'].includes(style.overflowX);

  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) found.push('the page scrolls sideways: ' + page.scrollWidth);

  for (const one of document.querySelectorAll('body *')) {
    if (!isIn(one) || !isSeen(one) || one.closest('svg') !== null) continue;
    const style = getComputedStyle(one);
    if (isEllipsis(style) && one.clientWidth < LEAST_PX && one.scrollWidth > one.clientWidth)
      found.push('squeezed to ' + one.clientWidth + ' px: ' + name(one));
    if (isEllipsis(style) || isFaded(style)) continue;
    const clips = (overflow) => overflow === 'hidden' || overflow === 'clip';
    if (clips(style.overflowX) && one.scrollWidth > one.clientWidth + SLACK_PX)
      found.push('cut at its side: ' + name(one));
    if (clips(style.overflowY) && one.scrollHeight > one.clientHeight + SLACK_PX)
      found.push('cut below: ' + name(one));
  }

  // Words: inside of the window, and of the control that they are on.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const parent = text.parentElement;
    if (text.data.trim() === '' || !isIn(parent) || !isSeen(parent)) continue;
    const around = [parent, ...up(parent)];
    const styles = around.map((one) => getComputedStyle(one));
    if (styles.some((style) => isEllipsis(style) || isFaded(style) || scrolls(style))) {
      if (!styles.some(isEllipsis) && !styles.some(isFaded)) {
        // Sideways it scrolls where that is a part of the page, and not the page's one column.
        const at = styles.findIndex(scrolls);
        if (around[at].scrollWidth <= around[at].clientWidth + 1) continue;
        if (around[at].clientWidth < innerWidth * 0.5) found.push('scrolls in too little: ' + name(around[at]));
      }
      continue;
    }
    range.selectNodeContents(text);
    const control = parent.closest('button, a.button, [role=tab], option');
    const box = control?.getBoundingClientRect();
    for (const rect of range.getClientRects()) {
      if (rect.width < 1) continue;
      const words = '“' + text.data.trim().slice(0, 40) + '”';
      if (rect.right > innerWidth + SLACK_PX || rect.left < -SLACK_PX) {
        found.push('beyond the window: ' + words);
        break;
      }
      if (box !== undefined && (rect.right > box.right + SLACK_PX || rect.left < box.left - SLACK_PX || rect.bottom > box.bottom + SLACK_PX)) {
        found.push('beyond its button: ' + words);
        break;
      }
    }
  }

  // Controls: each can be scrolled to, and then nothing lies on its middle.
  const wrongWith = (one) => {
    one.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    // One that goes on in the next line has its middle where it is not.
    const [whole] = [...one.getClientRects()].filter(({ width }) => width > 1);
    if (whole === undefined) return null;
    let { left, right } = whole;
    for (const around of up(one)) {
      if (!isEllipsis(getComputedStyle(around))) continue;
      const box = around.getBoundingClientRect();
      left = Math.max(left, box.left);
      right = Math.min(right, box.right);
    }
    const [x, y] = [(left + right) / 2, whole.top + Math.min(whole.height / 2, innerHeight / 4)];
    if (y < 0 || y > innerHeight || left < -SLACK_PX || right > innerWidth + SLACK_PX)
      return 'cannot be scrolled to: ' + name(one);
    const top = document.elementFromPoint(x, y);
    const isIts =
      top !== null && (one.contains(top) || top.contains(one) || top.closest('label')?.contains(one) === true);
    return isIts ? null : 'covered by ' + (top === null ? 'nothing' : name(top)) + ': ' + name(one);
  };
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const controls = 'a[href], button, input, select, textarea, summary, [role=tab], [role=option]';
  for (const one of document.querySelectorAll(controls)) {
    if (!isIn(one) || !isSeen(one) || one.textContent.trim() === 'Skip to what is here') continue;
    let wrong = wrongWith(one);
    // A list measures the rows that have come into sight, and moves them.
    for (let tries = 0; wrong !== null && tries < 15; tries++) {
      await frame();
      await frame();
      wrong = one.isConnected ? wrongWith(one) : null;
    }
    if (wrong !== null) found.push(wrong);
  }
  return [...new Set(found)];
})()`;

/** What of the page is cut off or covered. */
export const misfits = (page: Page) => page.evaluate<string[]>(MEASURE);
