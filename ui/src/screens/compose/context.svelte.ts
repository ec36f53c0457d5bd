import { call, type Context } from '../../lib/backend';
import { app } from '../../lib/state/app.svelte';
import { emptyFields } from '../../lib/text/fields';

/** The context that the user chose as their own; an empty one where there is none or it cannot be read. */
export async function ownContext(): Promise<Context> {
  const known = app.settings ?? (await call('settings_get', null).catch(() => null));
  const context = known?.settings.user.own_context;
  return context ? $state.snapshot(context) : emptyFields().context;
}
