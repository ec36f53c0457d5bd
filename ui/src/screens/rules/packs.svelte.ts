import { call, toUserError, type PackFile, type PackView, type UserError } from '../../lib/backend';
import { refreshInfo } from '../../lib/state/app.svelte';

/** Bytes of a file that are read: more than a pack may have, so that a larger file is refused as too large. */
const MOST = 5_000_000;

/** The versions of the rules on this computer. */
export class Packs {
  all = $state.raw<PackView[] | null>(null);
  error = $state.raw<UserError | null>(null);
  /** Why a file was refused. */
  refused = $state.raw<UserError | null>(null);
  busy = $state(false);

  get active(): PackView | undefined {
    return this.all?.find((pack) => pack.active);
  }

  load(): Promise<boolean> {
    return this.#attempt(async () => {
      this.all = await call('packs_list', null);
    });
  }

  /** Checks with this version from now on; gives whether that worked. */
  activate(version: string): Promise<boolean> {
    return this.#attempt(async () => {
      await call('pack_activate', { version });
      this.all = await call('packs_list', null);
      await refreshInfo();
    });
  }

  /** Reads a file; gives the pack that it holds, or none when it was refused. */
  async import(file: Blob): Promise<PackView | null> {
    this.refused = null;
    let made: PackView;
    try {
      const content = await file.slice(0, MOST).text();
      made = await call('pack_import', { content });
    } catch (failure) {
      this.refused = toUserError(failure);
      return null;
    }
    await this.load();
    return made;
  }

  /** A pack as a file, or none when that failed. */
  async export(version: string): Promise<PackFile | null> {
    let made: PackFile | null = null;
    await this.#attempt(async () => {
      made = await call('pack_export', { version });
    });
    return made;
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.error = null;
    try {
      await work();
    } catch (failure) {
      this.error = toUserError(failure);
    }
    this.busy = false;
    return this.error === null;
  }
}
