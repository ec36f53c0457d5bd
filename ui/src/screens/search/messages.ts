export const nl = {
  'search.title': 'Zoeken',
  'search.label': 'Zoek een begrip',
  'search.hint': 'Typ een term, synoniem of woord uit de definitie. Sneltoets: Ctrl+K.',
  'search.results': 'Zoekresultaten',
  'search.count': '{n} {n|resultaat|resultaten}',
  'search.none': 'Niets gevonden voor ‘{query}’.',
  'search.none_on': 'Niets gevonden voor ‘{query}’ dat geldt op {day}.',
  'search.compose': 'Stel ‘{query}’ op',
  'search.synonym': 'synoniem: {synonym}',
  'search.empty': 'Begin te typen om te zoeken in de begrippen op deze computer.',
} as const;

export const en: Record<keyof typeof nl, string> = {
  'search.title': 'Search',
  'search.label': 'Search a concept',
  'search.hint': 'Type a term, a synonym or a word of the definition. Shortcut: Ctrl+K.',
  'search.results': 'Search results',
  'search.count': '{n} {n|result|results}',
  'search.none': 'Nothing found for ‘{query}’.',
  'search.none_on': 'Nothing found for ‘{query}’ that holds on {day}.',
  'search.compose': 'Draft ‘{query}’',
  'search.synonym': 'synonym: {synonym}',
  'search.empty': 'Start typing to search the concepts on this computer.',
};
