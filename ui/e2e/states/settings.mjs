// *Instellingen*, part by part.
import { byId } from './page.mjs';

const section = (name, ready) => ({
  name: `instellingen-${name}`,
  at: `instellingen/${name}`,
  open: async (page, place) => {
    await page.locator('h1').waitFor();
    await ready?.(page, place);
  },
});

export const SETTINGS = [
  section('taalmodel', async (page) => {
    await byId(page, 'settings-test').click();
    await byId(page, 'check-answer').waitFor();
  }),
  {
    name: 'instellingen-taalmodel-fout',
    at: 'instellingen/taalmodel',
    open: async (page) => {
      await byId(page, 'settings-preset').selectOption('azure');
      await byId(page, 'settings-more').locator('summary').click();
      await byId(page, 'settings-save').click();
      await page.locator('[aria-invalid="true"]').first().waitFor();
      await byId(page, 'settings-key-save').click();
    },
  },
  {
    name: 'instellingen-taalmodel-server',
    at: 'instellingen/taalmodel',
    open: async (page) => {
      await byId(page, 'settings-preset').selectOption('central');
      await byId(page, 'settings-central').waitFor();
    },
  },
  {
    name: 'instellingen-test-mislukt',
    at: 'instellingen/taalmodel',
    open: async (page) => {
      await byId(page, 'settings-base-url').fill('http://127.0.0.1:9/v1');
      await byId(page, 'settings-test').click();
      await page.locator('[data-ok="false"]').waitFor();
    },
    close: (page, place) => place.set(({ model }) => (model.base_url = `${place.model}/v1`)),
  },
  section('taken', async (page) => {
    await byId(page, 'settings-small-calls').waitFor();
  }),
  section('kosten', async (page) => {
    await byId(page, 'settings-price-add').click();
    await byId(page, 'settings-price-in-0').waitFor();
    await byId(page, 'settings-prompt-tokens').fill('3001');
    await page.keyboard.press('Tab');
    await page.locator('[aria-invalid="true"]').waitFor();
  }),
  section('antwoorden', async (page) => {
    await byId(page, 'cache-disk').waitFor();
  }),
  {
    name: 'instellingen-wissen',
    at: 'instellingen/antwoorden',
    open: async (page) => {
      await byId(page, 'cache-clear-all').click();
      await page.locator('dialog[open]').waitFor();
    },
  },
  section('scherm', async (page) => {
    await page.locator('input[value="largest"]').click();
    await page.locator('[data-testid="settings-saved"] span').waitFor();
    await page.locator('input[value="normal"]').click();
  }),
  section('gebruiker'),
  section('controle', async (page) => {
    await byId(page, 'doctor').click();
    await byId(page, 'check-store').waitFor();
  }),
  section('delen', async (page) => {
    await byId(page, 'settings-token').waitFor();
    await byId(page, 'settings-server-url').fill('http://begrip.example');
    await page.keyboard.press('Tab');
    await page.locator('[aria-invalid="true"]').waitFor();
  }),
  section('beheer', async (page) => {
    await byId(page, 'settings-otlp-url').fill('geen adres');
    await page.keyboard.press('Tab');
    await page.locator('[aria-invalid="true"]').waitFor();
  }),
  section('over'),
];
