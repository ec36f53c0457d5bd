/** Where the user is: `#/begrip/ID` is screen `begrip` with id `ID`; `#/opstellen?term=x` has a query. */
export interface Route {
  screen: ScreenName;
  id: string | null;
  query: Record<string, string>;
}

export const SCREENS = [
  'zoeken',
  'begrip',
  'opstellen',
  'toetsen',
  'reeks',
  'mijn',
  'regels',
  'bronnen',
  'delen',
  'beoordelen',
  'inzicht',
  'beheer',
  'instellingen',
] as const;
export type ScreenName = (typeof SCREENS)[number];

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads an address; what is unknown leads to *Zoeken*. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [name, id] = path.split('/');
  const screen = SCREENS.find((known) => known === name) ?? 'zoeken';
  return {
    screen,
    id: id ? decode(id) : null,
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

export function href(screen: ScreenName, id?: string, query?: Record<string, string>): string {
  const search = query ? `?${new URLSearchParams(query)}` : '';
  return `#/${screen}${id ? `/${encodeURIComponent(id)}` : ''}${search}`;
}

const current = $state<{ route: Route; before: Route | null }>({
  route: parseRoute(''),
  before: null,
});

export function route(): Route {
  return current.route;
}

/** The last place on another screen than this one; none at the start. */
export function cameFrom(): Route | null {
  return current.before;
}

export function go(screen: ScreenName, id?: string, query?: Record<string, string>): void {
  location.hash = href(screen, id, query);
}

/** Follows the address bar; gives the function that stops it. */
export function startRouter(): () => void {
  let last: Route | null = null;
  const read = () => {
    const next = parseRoute(location.hash);
    if (last && next.screen !== last.screen) current.before = last;
    current.route = last = next;
  };
  read();
  window.addEventListener('hashchange', read);
  return () => window.removeEventListener('hashchange', read);
}
