import {
  call,
  toUserError,
  type Category,
  type ConceptRow,
  type ConceptSort,
  type Origin,
  type Status,
  type UserError,
} from '../../lib/backend';
import { dayMeant, type ValidOn } from '../../lib/text/validity';

/** Rows that are fetched at a time. */
export const PAGE = 50;

const OWN: Origin[] = ['person', 'model', 'import'];

export interface Filters {
  text: string;
  status: Status | '';
  /** `own`: whatever the user brought in; empty: everything. */
  origin: Origin | 'own' | '';
  category: Category | '';
  /** When a concept must hold; empty lets everything through. */
  validOn: ValidOn;
  sort: ConceptSort;
}

const NONE: Filters = {
  text: '',
  status: '',
  origin: 'own',
  category: '',
  validOn: '',
  sort: 'modified',
};

// What was chosen stays while the user opens a concept and comes back.
let latest: Filters = { ...NONE };

/** The list: the rows that pass the filters, page by page. */
export class List {
  filters = $state<Filters>({ ...latest });
  rows = $state.raw<ConceptRow[]>([]);
  total = $state(0);
  /** The first answer has come. */
  ready = $state(false);
  busy = $state(false);
  error = $state.raw<UserError | null>(null);
  #asked = 0;

  get filtered(): boolean {
    const { sort: _, ...wanted } = this.filters;
    return Object.entries(wanted).some(([name, value]) => value !== NONE[name as keyof Filters]);
  }

  get hasMore(): boolean {
    return this.rows.length < this.total;
  }

  /** The filters or the order changed: begin at the top. */
  changed(): Promise<void> {
    latest = $state.snapshot(this.filters);
    return this.#load(0);
  }

  reset(): Promise<void> {
    this.filters = { ...NONE, sort: this.filters.sort };
    return this.changed();
  }

  /** The next page; gives the first row that came with it. */
  async more(): Promise<ConceptRow | undefined> {
    const before = this.rows.length;
    await this.#load(before);
    return this.rows[before];
  }

  async #load(offset: number): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    const { text, status, origin, category, validOn, sort } = this.filters;
    this.busy = true;
    try {
      const page = await call('concept_list', {
        filter: {
          text: text.trim(),
          statuses: status ? [status] : [],
          origins: origin === 'own' ? OWN : origin ? [origin] : [],
          category: category || null,
          valid_on: dayMeant(validOn),
        },
        sort,
        offset,
        limit: PAGE,
      });
      // Only the answer to the latest question is shown.
      if (mine !== this.#asked) return;
      const known = offset === 0 ? [] : this.rows;
      const ids = new Set(known.map((row) => row.id));
      this.rows = [...known, ...page.rows.filter((row) => !ids.has(row.id))];
      this.total = page.total;
      this.error = null;
      this.ready = true;
    } catch (failure) {
      if (mine !== this.#asked) return;
      this.error = toUserError(failure);
    }
    this.busy = false;
  }
}

/** For tests: nothing was chosen before. */
export function forgetFilters(): void {
  latest = { ...NONE };
}
