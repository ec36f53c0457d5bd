import {
  call,
  toUserError,
  type SourceOutcome,
  type SourceRow,
  type SourceVersionRow,
  type UserError,
} from '../../lib/backend';
import { formatDay, t } from '../../lib/i18n/index.svelte';

/** The laws and decisions on this computer. */
export class Sources {
  all = $state.raw<SourceRow[] | null>(null);
  error = $state.raw<UserError | null>(null);
  outcomes = $state.raw<SourceOutcome[]>([]);
  busy = $state(false);

  async load(): Promise<void> {
    await this.#attempt(async () => {
      this.all = await call('sources_list', null);
    });
  }

  /** Reads files one by one, so that one that is too large for memory keeps no other back. */
  async import(files: readonly File[]): Promise<void> {
    this.busy = true;
    this.outcomes = [];
    await this.#attempt(async () => {
      for (const file of files) {
        const content = await base64(file);
        const read = await call('sources_import', { files: [{ name: file.name, content }] });
        this.outcomes = [...this.outcomes, ...read];
      }
      this.all = await call('sources_list', null);
    });
    this.busy = false;
  }

  async remove(source: string): Promise<boolean> {
    return this.#attempt(async () => {
      await call('source_remove', { source });
      this.all = await call('sources_list', null);
    });
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    this.error = null;
    try {
      await work();
    } catch (failure) {
      this.error = toUserError(failure);
    }
    return this.error === null;
  }
}

function base64(file: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => failed(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(file);
  });
}

/** When a version holds, in words. */
export function period({ valid_from, valid_to }: SourceVersionRow): string {
  const [from, to] = [valid_from && formatDay(valid_from), valid_to && formatDay(valid_to)];
  if (from && to) return t('sources.from_to', { from, to });
  if (from) return t('sources.from', { from });
  return to ? t('sources.to', { to }) : t('sources.no_date');
}

/** What an article is called on the screen. */
export function articleName(kind: string, number: string): string {
  return kind === 'decision'
    ? t('sources.paragraph', { number })
    : t('sources.article', { number });
}
