// A workplace of its own for the tests: the real use cases on an empty folder, behind the loopback
// host, with the mock model as its endpoint.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './programs.mjs';

async function json(url, options) {
  const response = await fetch(url, options);
  const body = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${body}`);
  return body === '' ? null : JSON.parse(body);
}

const post = (url, body, headers = {}) =>
  json(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

export class Workplace {
  static async open(screens) {
    const place = new Workplace();
    place.home = mkdtempSync(join(tmpdir(), 'begrip-browser-'));
    place.model = (await start('begrip-mock-model', ['--print-url'])).trim();
    const line = await start('begrip-loopback', ['--home', place.home, '--ui', screens]);
    const { url, token } = JSON.parse(line);
    Object.assign(place, { url, token });
    await place.set(({ model, prices }) => {
      model.base_url = `${place.model}/v1`;
      model.model = 'begrip-demo-1';
      // A stream that stands still stays on the screen while it is looked at.
      model.idle_timeout_s = 600;
      model.total_timeout_s = 600;
      prices.models = [{ model: 'begrip-demo*', eur_per_million_in: 2.5, eur_per_million_out: 10 }];
    });
    return place;
  }

  /** Runs a command of the program. */
  call(name, args = null) {
    return post(`${this.url}api/call/${name}`, args, { 'x-begrip-token': this.token });
  }

  /** Has a definition drafted, without the screens; the draft. */
  async draft(term, notes = '') {
    const response = await fetch(`${this.url}api/stream/define`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-begrip-token': this.token },
      body: JSON.stringify({ request_id: 'e2e', input: { term, notes } }),
    });
    const lines = (await response.text()).trim().split('\n');
    if (!response.ok) throw new Error(`${term}: ${response.status}`);
    return JSON.parse(lines.at(-1)).result;
  }

  /** Changes the settings. */
  async set(change) {
    const { settings } = await this.call('settings_get');
    change(settings);
    await this.call('settings_save', settings);
  }

  /** How the model answers the next questions about a term. */
  behave(term, behaviour) {
    return post(`${this.model}/_mock/behaviour`, { when: { term: { term } }, behaviour });
  }

  /** The questions that the model got, by its own log. */
  async calls() {
    return (await json(`${this.model}/_mock/log`)).calls;
  }

  /** How many there were. */
  async questions() {
    return (await this.calls()).length;
  }

  /** What stood in an editor is gone. */
  async forget() {
    for (const { key } of await this.call('buffer_list')) await this.call('buffer_clear', { key });
  }

  close() {
    rmSync(this.home, { recursive: true, force: true });
  }
}
