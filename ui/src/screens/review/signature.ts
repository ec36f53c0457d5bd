import type { SignatureView } from '../../lib/backend';
import { formatDate, t } from '../../lib/i18n/index.svelte';

/** Who did something and when, in words. */
export function signed({ by, organisation, at }: SignatureView): string {
  return t('review.signature', { by, organisation, at: formatDate(at) });
}
