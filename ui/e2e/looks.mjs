// How a screen is looked at: by axe-core in every theme, by its width, and by where the focus goes.
import { readFileSync } from 'node:fs';

const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const THEMES = ['light', 'dark', 'high_contrast'].map((theme) => ({
  name: theme,
  theme,
  size: 'normal',
  width: 1280,
}));
const SHAPES = [
  { name: '200', theme: 'light', size: 'largest', width: 1280 },
  { name: '640', theme: 'light', size: 'normal', width: 640 },
  { name: '320', theme: 'light', size: 'normal', width: 320 },
];
/** Colours are the same in both languages; words are longer in Dutch. */
export const LOOKS = { nl: [...THEMES, ...SHAPES], en: [...THEMES, SHAPES[1]] };

export async function wear(page, { theme, size, width }) {
  await page.setViewportSize({ width, height: 800 });
  await page.evaluate(
    ([theme, size]) => {
      document.documentElement.dataset.theme = theme;
      document.documentElement.dataset.textSize = size;
    },
    [theme, size],
  );
}

/** What axe-core finds, one line each. */
export async function accessible(page) {
  // Half a megabyte of script, which stays for as long as the page does.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const found = await page.evaluate(
    (tags) => window.axe.run(document, { runOnly: { type: 'tag', values: tags } }),
    TAGS,
  );
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`,
  );
}

/** A check that finds nothing must be able to find something. */
export async function findsPlanted(page) {
  await page.evaluate(() => document.querySelector('main').append(new Image()));
  const found = await accessible(page);
  if (!found.some((line) => line.startsWith('image-alt'))) throw new Error('axe-core sees nothing');
  await page.evaluate(() => {
    const button = document.querySelector('main input, main button');
    button.style.outline = 'none';
    button.style.minWidth = '3000px';
  });
  if ((await fits(page)).length === 0) throw new Error('a page that is too wide is not seen');
  if ((await focusShows(page)).length === 0) throw new Error('a hidden focus is not seen');
}

/** What is wider than the window. */
export async function fits(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
    return [`${scrollWidth - clientWidth} px wider than the window: ${wide.slice(0, 4).join(' ')}`];
  });
}

/** Walks through everything with Tab: each stop shows where the focus is and is not covered. */
export async function focusShows(page) {
  const wrong = new Set();
  const seen = [];
  await page.evaluate(() => document.activeElement?.blur());
  for (let step = 0; step < 120; step += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const name = `${element.tagName.toLowerCase()} ‘${(
        element.getAttribute('data-testid') ??
        element.textContent ??
        ''
      )
        .trim()
        .slice(0, 40)}’`;
      const style = getComputedStyle(element);
      const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      const box = element.getBoundingClientRect();
      const x = Math.min(Math.max(box.left + Math.min(box.width, 40) / 2, 1), innerWidth - 1);
      const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
      const top = document.elementFromPoint(x, y);
      const clear = top !== null && (element.contains(top) || top.contains(element));
      const first = window.begripFirst === undefined || window.begripFirst === element;
      if (window.begripFirst === undefined) window.begripFirst = element;
      return { name, outline, clear, first, around: first && window.begripSeen };
    });
    // Past the end of the page the focus leaves it, and comes back at its beginning.
    if (stop === null) continue;
    if (stop.around) break;
    await page.evaluate(() => (window.begripSeen = true));
    seen.push(stop.name);
    if (!stop.outline) wrong.add(`${stop.name} shows no focus`);
    if (!stop.clear) wrong.add(`${stop.name} is covered while it has the focus`);
  }
  await page.evaluate(() => {
    delete window.begripFirst;
    delete window.begripSeen;
  });
  if (seen.length === 0) wrong.add('Tab leads nowhere');
  return [...wrong];
}
