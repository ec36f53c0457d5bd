import type { ModelSettings } from '../../lib/backend';

/** What was typed about the endpoint and not kept yet; it outlives the screen. */
export const typed = $state<{ model: ModelSettings | null }>({ model: null });

const TEXTS = ['base_url', 'model', 'api_version', 'proxy', 'ca_file'] as const;

/** The endpoint without the spaces that come along with a paste. */
export function trimmed(model: ModelSettings): ModelSettings {
  const tidy = { ...model };
  for (const name of TEXTS) tidy[name] = tidy[name].trim();
  return tidy;
}

/** Whether two endpoints are the same; prices have a place of their own on the screen. */
export function same(one: ModelSettings, other: ModelSettings): boolean {
  const names = Object.keys(one) as (keyof ModelSettings)[];
  return names.every((name) => name.startsWith('eur_') || one[name] === other[name]);
}

/** Where a text would go, and whether others on the network could read along; null when unclear. */
export function target(address: string): { host: string; inClear: boolean } | null {
  if (hasBlank(address) || !URL.canParse(address)) return null;
  const { protocol, hostname, host } = new URL(address);
  if (!host) return null;
  const own = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return { host, inClear: protocol === 'http:' && !own };
}

/** Whether a part such as `<naam>` still has to be filled in. */
export function hasBlank(text: string): boolean {
  return /[<>]/.test(text);
}
