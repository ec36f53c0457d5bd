export const nl = {
  'mine.title': 'Mijn begrippen',
} as const;

export const en: Record<keyof typeof nl, string> = {
  'mine.title': 'My concepts',
};
