// Opens every screen in a browser, in every theme and at 200 %, on the in-memory commands: axe-core
// finds nothing, nothing is wider than the window (also at 320 px), the main road works by
// keyboard. Pictures go to ../target/screenshots/browser. Needs Chromium (CHROMIUM, else
// /usr/bin/chromium).
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const pictures = new URL('../../target/screenshots/browser/', import.meta.url).pathname;
mkdirSync(pictures, { recursive: true });
const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SCREENS = ['zoeken', 'opstellen', 'toetsen', 'mijn', 'instellingen', 'begrip'];
const LOOKS = [
  { name: 'light', theme: 'light', size: 'normal', width: 1280 },
  { name: 'dark', theme: 'dark', size: 'normal', width: 1280 },
  { name: 'high-contrast', theme: 'high_contrast', size: 'normal', width: 1280 },
  { name: '200', theme: 'light', size: 'largest', width: 1280 },
  { name: 'narrow', theme: 'light', size: 'normal', width: 320 },
];

const server = await createServer({ server: { port: 0, strictPort: false }, logLevel: 'error' });
await server.listen();
const { port } = server.httpServer.address();
const base = `http://localhost:${port}/?fake`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
});
const wrong = [];

async function open(page, screen) {
  await page.goto(`${base}#/zoeken`);
  await page.getByRole('combobox').waitFor();
  if (screen === 'zoeken' || screen === 'begrip') {
    await page.getByTestId('search-input').fill('ver');
    await page.getByTestId('search-hit').first().waitFor();
    if (screen === 'begrip') {
      await page.getByTestId('search-hit').first().click();
      await page.getByRole('heading', { name: 'Definitie' }).waitFor();
      await page.locator('summary h2').click();
      await page.locator('ins').waitFor();
    }
  } else {
    await page.evaluate((to) => (location.hash = `#/${to}`), screen);
    await page.locator('h1').waitFor();
    if (screen === 'toetsen') {
      await page.getByTestId('definition').fill('Een 👩🏽 persoon die niet bestaat');
      await page.locator('mark').first().waitFor();
    }
  }
}

async function look({ name, theme, size, width }) {
  const context = await browser.newContext({ viewport: { width, height: 800 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => wrong.push(`${name}: ${error}`));
  for (const screen of SCREENS) {
    await open(page, screen);
    await page.evaluate(
      ([theme, size]) => {
        document.documentElement.dataset.theme = theme;
        document.documentElement.dataset.textSize = size;
      },
      [theme, size],
    );
    await page.waitForTimeout(150);
    await page.screenshot({ path: `${pictures}${screen}-${name}.png`, fullPage: true });
    await page.evaluate(axe);
    const found = await page.evaluate(
      (tags) => window.axe.run(document, { runOnly: { type: 'tag', values: tags } }),
      TAGS,
    );
    for (const { id, nodes } of found.violations) {
      wrong.push(`${name}, ${screen}: ${id}: ${nodes.map((node) => node.target).join(' ')}`);
    }
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (wider > 0) wrong.push(`${name}, ${screen}: ${wider} px wider than the window`);
  }
  await context.close();
}

async function keyboard() {
  const page = await browser.newPage();
  await page.goto(`${base}#/toetsen`);
  await page.locator('h1').waitFor();
  await page.keyboard.press('Control+k');
  await page.locator('[data-testid="search-input"]:focus').waitFor();
  await page.keyboard.type('verdachte');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('h1:focus', { hasText: 'verdachte' }).waitFor();
  await page.keyboard.press('F1');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.close();
}

try {
  for (const each of LOOKS) await look(each);
  await keyboard();
} catch (error) {
  wrong.push(String(error));
} finally {
  await browser.close();
  await server.close();
}
console.log(wrong.length === 0 ? 'screens: nothing found' : wrong.join('\n'));
process.exit(wrong.length === 0 ? 0 : 1);
