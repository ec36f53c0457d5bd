// The main road without a mouse: look up, draft, correct, keep, find again.
const focused = (page, id) => page.locator(`[data-testid="${id}"]:focus`).waitFor();

/** Presses Tab until this has the focus. */
async function tabTo(page, selector, most = 60) {
  for (let step = 0; step < most; step += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

export async function byKeyboard(page, place, term) {
  await page.keyboard.press('Control+k');
  await focused(page, 'search-input');
  await page.keyboard.type(term);
  // While letters come in, what stands there is about fewer of them.
  await page.locator('.empty a', { hasText: term }).waitFor();
  await tabTo(page, '.empty a');
  await page.keyboard.press('Enter');
  await page.locator('h1:focus').waitFor();
  await tabTo(page, '[data-testid="compose-notes"]');
  await page.keyboard.type('Voor de jeugdreclassering.');
  const before = await place.questions();
  await page.keyboard.press('Control+Enter');
  await focused(page, 'result-heading');
  if ((await place.questions()) === before) throw new Error('the model was not asked');
  await tabTo(page, '[data-testid="definition"]');
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' in een zaak');
  await page.keyboard.press('Control+s');
  await page.locator('h1:focus', { hasText: term }).waitFor();

  await page.keyboard.press('Control+k');
  await focused(page, 'search-input');
  await page.keyboard.type(term);
  await page.getByTestId('search-hit').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('h1:focus', { hasText: term }).waitFor();
  await page.locator('.definition', { hasText: 'in een zaak' }).waitFor();
  await page.keyboard.press('F1');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

/** The same question again: the kept answer, and the model is not asked. */
export async function asksOnce(page, place, term) {
  const draft = async () => {
    await place.forget();
    await page.goto('about:blank');
    await page.goto(`${place.url}#/opstellen`);
    await page.getByTestId('compose-term').fill(term);
    await page.getByTestId('compose-start').click();
    await page.getByTestId('result').waitFor();
    return page.getByTestId('definition').inputValue();
  };
  const first = await draft();
  const asked = await place.questions();
  const second = await draft();
  if (second !== first) throw new Error('the kept answer is another one');
  if ((await place.questions()) !== asked) throw new Error('the model was asked twice');
}

/** A rule without a mouse: found, opened, tried; and from a finding to its rule and back to the text. */
export async function rulesByKeyboard(page) {
  const outcome = (name) => page.locator(`[data-outcome="${name}"]`).waitFor();
  // What was found is about the whole text only when all of it is marked.
  const marked = (text) => page.locator('.marked', { hasText: text }).waitFor();
  await page.keyboard.press('Alt+r');
  await page.locator('h1:focus').waitFor();
  await page.getByTestId('rules-search').waitFor();
  await tabTo(page, '[data-testid="rules-search"]');
  await page.keyboard.type('arai-06');
  await page
    .getByTestId('rules-count')
    .filter({ hasText: /^\s*1 / })
    .waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('h1:focus', { hasText: 'ARAI-06' }).waitFor();
  await page.getByTestId('try-text').waitFor();
  await tabTo(page, '[data-testid="try-text"]');
  await page.keyboard.type('Een persoon die terechtstaat');
  await marked('Een persoon die terechtstaat');
  await outcome('fail');
  await tabTo(page, '[data-testid="try-take"]');
  await page.keyboard.press('Enter');
  await focused(page, 'try-text');
  await outcome('pass');
  await page.keyboard.press('Control+z');
  await outcome('fail');

  const text = 'Een persoon die in een strafzaak terechtstaat';
  await tabTo(page, 'header a[href="#/toetsen"]');
  await page.keyboard.press('Enter');
  await page.locator('h1:focus').waitFor();
  await tabTo(page, '[data-testid="definition"]');
  await page.keyboard.type(text);
  await marked(text);
  await page.getByTestId('finding-rule').first().waitFor();
  await tabTo(page, '[data-testid="finding-rule"]');
  await page.keyboard.press('Enter');
  await page.getByTestId('rule-page').waitFor();
  await tabTo(page, '[data-testid="rule-back"]');
  await page.keyboard.press('Enter');
  await page.locator('h1:focus').waitFor();
  await marked(text);
  if ((await page.getByTestId('definition').inputValue()) !== text)
    throw new Error('text was lost');
}

/** The settings without a mouse; what was chosen is still there after the next start. */
export async function settingsByKeyboard(page) {
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  const chosen = (wanted) =>
    page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, wanted);
  await tabTo(page, 'header a[href="#/instellingen"]');
  await page.keyboard.press('Enter');
  await page.locator('h1:focus').waitFor();
  await tabTo(page, '[data-testid="settings-section-scherm"]');
  await page.keyboard.press('Enter');
  await page.getByTestId('settings-theme').waitFor();
  await page.locator('h1:focus').waitFor();
  await tabTo(page, '[data-testid="settings-theme"] input');
  await page.keyboard.press('ArrowDown');
  await chosen('light');
  await page.keyboard.press('ArrowDown');
  await chosen('dark');
  await page.locator('[data-testid="settings-saved"] span').waitFor();
  await page.reload();
  await page.getByTestId('settings-theme').waitFor();
  if ((await theme()) !== 'dark') throw new Error('the theme was not kept');
}

/** A batch from a file to its results: equal rows are asked once, by the model's own log. */
export async function batchRoad(page, place, language) {
  const term = (n) => `reeksproef${n}${language}`;
  const rows = Array.from({ length: 30 }, (_, n) => `${term(n % 10)};OM`);
  const before = await place.questions();
  await page.goto('about:blank');
  await page.goto(`${place.url}#/reeks`);
  await page.getByTestId('batch-file').setInputFiles({
    name: 'weg.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`term;organisatie\n${rows.join('\n')}\n`),
  });
  await page.getByTestId('batch-read').waitFor();
  if ((await place.questions()) !== before) throw new Error('a preview asked the model');
  await page.getByTestId('batch-start').click();
  await page.locator('[data-testid="batch"][data-state="done"]').first().waitFor();
  const asked = (await place.questions()) - before;
  if (asked !== 10) throw new Error(`${asked} questions for 10 different terms`);
  await page.getByTestId('batch-open').first().click();
  await page.getByTestId('results').waitFor();
  if ((await page.getByTestId('result').count()) !== 25) throw new Error('no page of 25 rows');
  const download = page.waitForEvent('download');
  await page.getByTestId('results-xlsx').click();
  if ((await download).suggestedFilename() !== 'weg-resultaat.xlsx') throw new Error('no file');
  await page.getByTestId('result-take').first().click();
  await page.getByTestId('definition').waitFor();
  if ((await page.getByTestId('definition').inputValue()) === '') throw new Error('no text');
  if ((await place.questions()) - before !== 10) throw new Error('the model was asked again');
}
