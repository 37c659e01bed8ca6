"""What does not fit: a page wider than the screen, words that are cut off, run out of their box, or do not stand out from their ground."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_MEASURE = r"""() => {
  const found = [], wide = document.documentElement.clientWidth, slack = 1.5;
  const told = (what, text) => { const said = what + ': ' + text.trim().slice(0, 60); if (!found.includes(said)) found.push(said); };
  const tooWide = document.documentElement.scrollWidth - wide;
  if (tooWide > slack) found.push('the page is ' + Math.round(tooWide) + ' px wider than the screen');
  const colour = text => { const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number); return {rgb: [r, g, b], a}; };
  const light = rgb => rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = box => { for (; box; box = box.parentElement) { const {rgb, a} = colour(getComputedStyle(box).backgroundColor); if (a > 0.5) return rgb; }
    return [255, 255, 255]; };
  const contrast = box => { const [lo, hi] = [light(colour(getComputedStyle(box).color).rgb), light(ground(box))].sort((a, b) => a - b);
    return (hi + 0.05) / (lo + 0.05); };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const shown = [...range.getClientRects()].filter(each => each.width > 0 && each.height > 0);
    if (!shown.length || !node.parentElement.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    if (shown.some(each => each.left < -slack || each.right > wide + slack)) told('words leave the screen', node.data);
    if (contrast(node.parentElement) < 3) told('words are hard to read', node.data);
    for (let box = node.parentElement; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box), edge = box.getBoundingClientRect();
      const over = shown.some(each => each.left < edge.left - slack || each.right > edge.right + slack);
      const under = shown.some(each => each.top < edge.top - slack || each.bottom > edge.bottom + slack);
      if (style.overflow !== 'visible' && (over || under)) told('words are cut off', node.data);
      if (['table-cell', 'block', 'inline-block'].includes(style.display) && over) { told('words run out of their box', node.data); break; }
    }
  }
  return found;
}"""


def misfits(page: "Page") -> list[str]:
    """Return what does not fit in an open page, each as a sentence with the words it is about; nothing means that all fits.

    Words that nobody sees, such as the preheader's, do not count. A pixel and a half of rounding is allowed.
    """
    found: list[str] = page.evaluate(_MEASURE)
    return found
