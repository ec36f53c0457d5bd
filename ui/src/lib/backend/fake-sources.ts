import type * as T from './generated';

const LAW: T.SourceRow = {
  id: 'BWBR0099901',
  kind: 'law',
  title: 'Proefzakenwet',
  versions: [
    {
      valid_from: '2026-01-01',
      valid_to: null,
      articles: 2,
      in_force: true,
      imported_at: '2026-01-02T10:00:00Z',
    },
  ],
};

const ARTICLES = [
  {
    number: '1',
    path: 'Hoofdstuk 1 Begrippen',
    text: 'In deze wet wordt verstaan onder:\n  a. proefzaak: de zaak waarmee een rechtsvraag wordt beproefd.',
  },
  {
    number: '2',
    path: 'Hoofdstuk 2 De zitting',
    text: '1. De rechter kan een proefzaak schorsen.\n2. De schorsing duurt kort.',
  },
];

const NOT_FOUND: T.UserError = {
  code: 'BG-707',
  message: {
    nl: 'Deze wet, dit artikel of deze uitspraak staat niet op deze computer, of gold niet op die datum.',
    en: 'This law, article or decision is not on this computer, or did not hold on that date.',
  },
  action: { nl: 'Kijk bij Bronnen wat er is.', en: 'Look under Sources what there is.' },
  detail: '',
};

const UNREADABLE: T.UserError = {
  code: 'BG-701',
  message: {
    nl: 'Dit bestand is geen wet en geen uitspraak die Begrip kan lezen.',
    en: 'This file is no law and no decision that Begrip can read.',
  },
  action: { nl: 'Kies een ander bestand.', en: 'Choose another file.' },
  detail: '',
};

/** One law, which an import of any XML or Markdown file brings in. */
export class FakeSources {
  all: T.SourceRow[] = [];

  import({ files }: T.SourcesImport): T.SourceOutcome[] {
    return files.map(({ name }) => {
      const read = /\.(xml|md)$/.test(name);
      const known = this.all.length > 0;
      if (read) this.all = [LAW];
      return {
        file: name,
        outcome: read ? (known ? 'unchanged' : 'new') : 'refused',
        kind: read ? 'law' : '',
        id: read ? LAW.id : '',
        title: read ? LAW.title : '',
        valid_from: read ? '2026-01-01' : null,
        articles: read ? 2 : 0,
        concepts_new: read && !known ? 1 : 0,
        concepts_changed: 0,
        concepts_withdrawn: 0,
        error: read ? null : UNREADABLE,
      };
    });
  }

  contents({ source, date }: T.SourceContentsRequest): T.SourceContents {
    const row = this.#on(source, date);
    const articles = ARTICLES.map(({ number, path, text }) => ({
      number,
      path,
      start: text.slice(0, 40),
    }));
    return { source: row, version: row.versions[0]!, articles };
  }

  article({ source, article, date }: T.SourceArticleRequest): T.SourceArticle {
    const row = this.#on(source, date);
    const found = ARTICLES.find(({ number }) => number === article);
    if (!found) throw NOT_FOUND;
    const address = `jci1.31:c:${row.id}&artikel=${article}`;
    const citation = { source: row.title, article, paragraph: null, address };
    return { source: row, version: row.versions[0]!, ...found, address, citation };
  }

  find({ query }: T.PassageSearch): T.PassageHit[] {
    const fits = ARTICLES.filter(({ text }) => text.toLowerCase().includes(query.toLowerCase()));
    return fits.map(({ number, path, text }) => ({
      id: LAW.id,
      kind: LAW.kind,
      title: LAW.title,
      number,
      path,
      text: text.split('\n')[0] ?? '',
      address: '',
      citation: { source: LAW.title, article: number, paragraph: null, address: null },
      valid_from: '2026-01-01',
    }));
  }

  behind({ citation }: T.CitationLookup): T.SourceArticle | null {
    if (this.all.length === 0 || citation.source !== LAW.title) return null;
    return this.article({ source: LAW.id, article: citation.article ?? '', date: null });
  }

  remove({ source }: T.SourceRef): T.Removed {
    this.all = this.all.filter(({ id }) => id !== source);
    return { entries: 1 };
  }

  #on(source: string, date: string | null | undefined): T.SourceRow {
    const row = this.all.find(({ id }) => id === source);
    if (!row || (date && date < '2026-01-01')) throw NOT_FOUND;
    return row;
  }
}
