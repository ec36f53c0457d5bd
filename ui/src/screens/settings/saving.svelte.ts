import { tick } from 'svelte';
import { call, toUserError, type Settings, type UserError } from '../../lib/backend';
import { t, type MessageKey } from '../../lib/i18n/index.svelte';
import { app, applySettings } from '../../lib/state/app.svelte';

/** Settings that the program refuses by name, with what the field says then. */
const REFUSED = {
  'model.base_url': 'settings.wrong.base_url',
  'model.model': 'settings.wrong.model',
  'model.temperature': 'settings.wrong.temperature',
  'model.max_reply_tokens': 'settings.wrong.max_reply_tokens',
  'model.connect_timeout_s': 'settings.wrong.seconds',
  'model.idle_timeout_s': 'settings.wrong.seconds',
  'model.total_timeout_s': 'settings.wrong.seconds',
  'model.proxy': 'settings.wrong.proxy',
  'model.ca_file': 'settings.wrong.ca_file',
  'prices.model': 'settings.wrong.price_model',
  'prices.eur': 'settings.wrong.price',
  'user.name': 'settings.wrong.name',
  'budgets.prompt_tokens': 'settings.wrong.prompt_tokens',
  'routing.define.model': 'settings.wrong.model_name',
  'routing.repair.model': 'settings.wrong.model_name',
  'routing.prepare.model': 'settings.wrong.model_name',
  'routing.fallback_model': 'settings.wrong.model_name',
  'gather.rerank_url': 'settings.wrong.base_url',
  'gather.rerank_model': 'settings.wrong.rerank_model',
  'cache.disk_mb': 'settings.wrong.disk_mb',
  'cache.memory_mb': 'settings.wrong.memory_mb',
  'telemetry.otlp_url': 'settings.wrong.otlp_url',
  'server.url': 'settings.wrong.server_url',
} as const satisfies Record<string, MessageKey>;

export type SettingName = keyof typeof REFUSED;

/** Milliseconds for which it says that something was kept; after that it would only be in the way. */
const SAID = 8_000;

/** Keeps settings one after another, so that a second change never undoes the first. */
export class Saving {
  done = $state(false);
  /** What went wrong, when no field says so already. */
  error = $state<UserError | null>(null);
  #refused = $state<SettingName | null>(null);
  #latest: Promise<unknown> = Promise.resolve();
  #hide: ReturnType<typeof setTimeout> | undefined;

  /** Changes what is in force and keeps it; gives whether that worked. */
  save(change: (settings: Settings) => Settings): Promise<boolean> {
    const work = this.#latest.then(() => this.#save(change));
    this.#latest = work;
    return work;
  }

  /** What the field of this setting must say, or nothing. */
  wrong(name: SettingName): string {
    return this.#refused === name ? t(REFUSED[name]) : '';
  }

  async #save(change: (settings: Settings) => Settings): Promise<boolean> {
    if (!app.settings) return false;
    clearTimeout(this.#hide);
    this.done = false;
    this.error = null;
    this.#refused = null;
    // So that a reader of the screen hears ‘kept’ again the second time.
    await tick();
    try {
      applySettings(
        await call('settings_save', change($state.snapshot(app.settings.settings) as Settings)),
      );
      this.done = true;
      this.#hide = setTimeout(() => (this.done = false), SAID);
      return true;
    } catch (failure) {
      const error = toUserError(failure);
      this.#refused = refused(error);
      if (!this.#refused) this.error = error;
    }
    return false;
  }
}

function refused(error: UserError): SettingName | null {
  if (error.code === 'BG-111') return 'model.ca_file';
  const known = Object.keys(REFUSED) as SettingName[];
  return (error.code === 'BG-110' && known.find((name) => name === error.detail)) || null;
}
