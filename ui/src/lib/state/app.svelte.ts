import {
  call,
  toUserError,
  type AppInfo,
  type JobView,
  type SettingsView,
  type UserError,
} from '../backend';
import { setLanguage } from '../i18n/index.svelte';

interface AppState {
  info: AppInfo | null;
  settings: SettingsView | null;
  /** Why the start failed. */
  failure: UserError | null;
}

/** What the whole window shares. */
export const app = $state<AppState>({ info: null, settings: null, failure: null });

/** Lays the kept choices over the page: language, colours, size of text. */
export function applySettings(view: SettingsView): void {
  app.settings = view;
  const { language, theme, text_size } = view.settings.user;
  setLanguage(language);
  document.documentElement.dataset['theme'] = theme;
  document.documentElement.dataset['textSize'] = text_size;
}

/** Asks again how the program stands, for instance after a draft. */
export async function refreshInfo(): Promise<void> {
  app.info = await call('app_info', null);
}

let jobsStood = '';

/** The same when jobs went on since they were seen last: they ask the model too. */
export function refreshInfoAfter(jobs: JobView[]): void {
  const stand = ({ id, state, done, failed, halt }: JobView) =>
    [id, state, done, failed, halt?.code ?? ''].join(' ');
  const now = jobs.map(stand).join('\n');
  if (now === jobsStood) return;
  jobsStood = now;
  // What cannot be read now is read with the next change.
  void refreshInfo().catch(() => {});
}

/** Loads what the window needs at the start; a failure stands in `app.failure`. */
export async function start(): Promise<void> {
  app.failure = null;
  try {
    const [settings, info] = await Promise.all([
      call('settings_get', null),
      call('app_info', null),
    ]);
    applySettings(settings);
    app.info = info;
  } catch (error) {
    app.failure = toUserError(error);
  }
}
