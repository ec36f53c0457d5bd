// Opens every screen in every state, in a browser, on the real use cases (behind the loopback host)
// with the mock model: axe-core finds nothing in any theme or language, nothing is wider than the
// window (200 %, 640 px, 320 px), the focus is visible at each stop, the main road works by
// keyboard, and nothing is written to the console.
//
//   npm run e2e            all of it
//   npm run e2e -- help    the states and roads whose name has `help`
//
// Pictures go to target/browser. Needs Rust and Chromium (CHROMIUM, else /usr/bin/chromium).
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { accessible, findsPlanted, fits, focusShows, LOOKS, wear } from './looks.mjs';
import { buildAll, out, stopAll } from './programs.mjs';
import { asksOnce, batchRoad, byKeyboard, rulesByKeyboard, settingsByKeyboard } from './road.mjs';
import { STATES } from './states/index.mjs';
import { Workplace } from './workplace.mjs';

const wanted = process.argv[2] ?? '';
const pictures = `${out}/pictures`;
mkdirSync(pictures, { recursive: true });
const wrong = [];
let looked = 0;

async function newPage(browser, place) {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => wrong.push(`${page.state}: ${error}`));
  page.on('console', (message) => {
    // An answer with an error status is what some states are about.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load')) return;
    wrong.push(`${page.state}: console: ${message.text()}`);
  });
  await page.goto(`${place.url}#token=${encodeURIComponent(place.token)}`);
  return page;
}

async function look(page, place, state, language) {
  page.state = `${state.name} (${language})`;
  await place.forget();
  await page.goto('about:blank');
  await page.setViewportSize({ width: 1280, height: 800 });
  await state.before?.(page, place);
  await page.goto(`${place.url}#/${state.at}`);
  await state.open(page, place);
  for (const each of LOOKS[language]) {
    await wear(page, each);
    await page.waitForTimeout(50);
    const found = [...(await accessible(page)), ...(await fits(page))];
    if (language === 'nl' && each.name === 'light') found.push(...(await focusShows(page)));
    wrong.push(...found.map((line) => `${page.state}, ${each.name}: ${line}`));
    await page.screenshot({
      path: `${pictures}/${state.name}-${language}-${each.name}.png`,
      fullPage: true,
    });
    looked += 1;
  }
  await state.close?.(page, place);
}

/** What failed, and what it waited for: the first lines of what Playwright tells. */
const why = (error) =>
  String(error)
    .replaceAll(/\u001b\[\d+m/gu, '')
    .split('\n')
    .slice(0, 4)
    .join(' ');

/** Does one thing; a failure of it does not keep the others from being looked at. */
async function attempt(page, name, work) {
  if (!name.includes(wanted)) return;
  page.state = name;
  try {
    await work();
  } catch (error) {
    wrong.push(`${page.state}: ${why(error)}`);
    await page.screenshot({ path: `${pictures}/failed-${name}.png` }).catch(() => {});
    await page.unrouteAll();
  }
}

/** Everything in one language, on a workplace of its own. */
async function tour(browser, screens, language) {
  const place = await Workplace.open(screens);
  try {
    await place.set(({ user }) => (user.language = language));
    const page = await newPage(browser, place);
    await attempt(page, 'planted', async () => {
      await page.locator('main h1').waitFor();
      await findsPlanted(page);
    });
    for (const state of STATES) {
      await attempt(page, state.name, () => look(page, place, state, language));
    }
    await place.forget();
    await page.goto('about:blank');
    await page.goto(`${place.url}#/toetsen`);
    // Keys that are pressed before the screen is there go to nobody.
    await page.locator('main h1').waitFor();
    await attempt(page, 'keyboard', () => byKeyboard(page, place, 'gedragsinterventie'));
    await attempt(page, 'keyboard-rules', () => rulesByKeyboard(page));
    await attempt(page, 'keyboard-settings', () => settingsByKeyboard(page));
    await attempt(page, 'batch-road', () => batchRoad(page, place, language));
    await attempt(page, 'asks-once', () => asksOnce(page, place, 'nazorgplan'));
  } finally {
    place.close();
  }
}

let browser;
try {
  const screens = await buildAll();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  const tours = ['nl', 'en'].map((language) => tour(browser, screens, language));
  for (const ended of await Promise.allSettled(tours)) {
    if (ended.status === 'rejected') wrong.push(String(ended.reason));
  }
} catch (error) {
  wrong.push(String(error));
} finally {
  await browser?.close();
  stopAll();
}
console.log(wrong.join('\n') || `screens: nothing found in ${looked} looks`);
process.exit(wrong.length === 0 ? 0 : 1);
